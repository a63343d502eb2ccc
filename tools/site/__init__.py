"""The book: the committed notebooks as a web site. `make site` builds it."""
