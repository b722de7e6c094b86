#include <stdlib.h>

#include "io.h"
#include "mem.h"
#include "watch.h"

static void
look(const char *path, struct stat *st)
{
	if (stat(path, st) < 0)
		*st = (struct stat){0};
}

static struct watch_file *
find(struct watch *w, const char *path)
{
	for (size_t i = 0; i < w->n; i++)
		if (strcmp(w->list[i].path, path) == 0)
			return &w->list[i];
	return NULL;
}

static struct watch_file *
find_or_add(struct watch *w, const char *path)
{
	struct watch_file *f = find(w, path);
	if (f)
		return f;
	w->list = xgrow(w->list, &w->cap, w->n + 1, sizeof(*w->list));
	f = &w->list[w->n++];
	f->path = xstrdup(path);
	return f;
}

void
watch_add(struct watch *w, const char *path)
{
	look(path, &find_or_add(w, path)->seen);
}

bool
watch_changed(struct watch *w)
{
	bool changed = false;
	for (size_t i = 0; i < w->n; i++) {
		struct stat now;
		look(w->list[i].path, &now);
		changed |= !io_same_file(&now, &w->list[i].seen);
		w->list[i].seen = now;
	}
	return changed;
}

void
watch_take(struct watch *w, struct watch *from)
{
	for (size_t i = 0; i < from->n; i++)
		find_or_add(w, from->list[i].path)->seen = from->list[i].seen;
	watch_release(from);
}

void
watch_release(struct watch *w)
{
	for (size_t i = 0; i < w->n; i++)
		free(w->list[i].path);
	free(w->list);
	*w = (struct watch){0};
}
