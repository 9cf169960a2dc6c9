"""The questions of the doctor. Each module opens with its question and why it is asked."""
