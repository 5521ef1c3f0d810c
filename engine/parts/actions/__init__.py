"""What a rule does, and a move beside changing the stage: one file each, its name is the word under `then`."""
