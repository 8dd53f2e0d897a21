"""Jiedan (接单): order management from the first click to the delivered parcel."""
