"""
Writers of small files in the layout of each dataset, for tests.

They are written from what is known of the formats, and share no constant with the readers.

"""
