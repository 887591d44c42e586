"""The coordinator works by mail: drafts to her, her answers in words, what follows."""
