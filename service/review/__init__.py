"""The review pages: where people place the addresses that no geocoder could be trusted with."""
