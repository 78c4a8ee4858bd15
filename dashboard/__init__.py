"""Operations and cost dashboard for an image archive on Amazon S3."""
