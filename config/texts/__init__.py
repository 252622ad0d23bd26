"""The words on the screens: collect them from the sources, keep their German, compile it. No GNU gettext needed."""
