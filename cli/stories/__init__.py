"""Stories: what devices and people do, played through the broker and the pages that they use. One folder each."""
