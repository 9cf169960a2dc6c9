"""Template tags of the portal: words, moments and numbers in the reader's language."""
