"""The monthly report: one page for whoever answers for the archive, without the words of AWS, as PDF and Excel."""
