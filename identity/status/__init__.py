"""What everybody may know about methods: one truth for pages, feeds, API, banners and the telephone (M8)."""
