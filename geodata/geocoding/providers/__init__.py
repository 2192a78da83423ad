"""Online geocoders of Chinese map providers: what each is asked, and how its answer is read."""
