"""The model against what has been published: ``facts`` lists it, the other modules measure it."""
