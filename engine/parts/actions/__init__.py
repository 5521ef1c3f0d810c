"""What a move does beside changing the stage: one file each, its name is the word under `then`."""
