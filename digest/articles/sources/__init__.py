"""Sources: from feeds, pages, sitemaps, WordPress and folders to raw documents, with limits and manners."""
