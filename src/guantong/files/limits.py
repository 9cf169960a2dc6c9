"""How much is taken in. Set for offices: a phone's photo has 4-12 MB, a scanned letter 1-15 MB."""

MOST_BYTES = 20 * 1024 * 1024
MOST_FILES = 40
MOST_BYTES_OF_RECORD = 200 * 1024 * 1024

# A phone of 2026 takes up to 200 megapixels; more than that in one file is no photo of a sea wall.
MOST_PIXELS = 210_000_000

# A letter of 20 MB in Word unpacks to some 60 MB; zip reaches 1 : 1000 with nothing but zeros.
MOST_UNPACKED = 250 * 1024 * 1024
MOST_RATIO = 120
MOST_MEMBERS = 5_000

# A removed file can be brought back for a day; bytes nobody refers to are kept as long.
UNDO_HOURS = 24
