"""What pages are made of: the open page, its filters, cards, charts and tables, in English and Japanese."""
