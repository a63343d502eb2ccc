"""The small rooms that the chapters share: data, checks, pictures, reproducible runs."""
