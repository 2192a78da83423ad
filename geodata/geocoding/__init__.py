"""Places from words and coordinates: addresses, gazetteers, providers and their datums."""
