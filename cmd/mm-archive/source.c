#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "mem.h"
#include "source.h"

#define DEPTH_MAX 64

enum folder { FOLDER_PLAIN, FOLDER_MAILDIR, FOLDER_MESSAGES /* cur or new */ };

static int
visible(const struct dirent *e)
{
	return strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
}

static bool
is_directory(const char *parent, const char *name)
{
	struct stat st;
	char *path = xasprintf("%s/%s", parent, name);
	bool is = lstat(path, &st) == 0 && S_ISDIR(st.st_mode);
	free(path);
	return is;
}

static enum folder
kind_of(const char *path)
{
	return is_directory(path, "cur") && is_directory(path, "new") ? FOLDER_MAILDIR
								      : FOLDER_PLAIN;
}

static void read_folder(struct source *s, const char *path, enum folder kind, int depth);

static void
enter(struct source *s, const char *path, const char *name, enum folder kind, int depth)
{
	bool messages = strcmp(name, "cur") == 0 || strcmp(name, "new") == 0;
	enum folder inner = kind_of(path);
	if (kind == FOLDER_MESSAGES || (kind == FOLDER_MAILDIR && strcmp(name, "tmp") == 0))
		return;
	/* Maildir++ has folders whose names begin with a dot; elsewhere those are a
	 * program's own: .git, .notmuch */
	if (name[0] == '.' && inner != FOLDER_MAILDIR)
		return;
	read_folder(s, path, kind == FOLDER_MAILDIR && messages ? FOLDER_MESSAGES : inner,
		depth + 1);
}

static void
read_member(struct source *s, const char *path, const char *name, enum folder kind, int depth)
{
	struct stat st;
	if (lstat(path, &st) == 0 && S_ISDIR(st.st_mode))
		enter(s, path, name, kind, depth);
	else if (name[0] != '.' && kind != FOLDER_MAILDIR)
		source_file(s, path, kind == FOLDER_MESSAGES);
}

static void
read_folder(struct source *s, const char *path, enum folder kind, int depth)
{
	struct dirent **list = NULL;
	int n = depth < DEPTH_MAX ? scandir(path, &list, visible, alphasort) : -1;
	if (n < 0) {
		s->unreadable++;
		s->bad(s->ctx, path, 0,
			depth < DEPTH_MAX ? strerror(errno) : "directories are too deep");
		return;
	}
	for (int i = 0; i < n; i++) {
		char *inner = xasprintf("%s/%s", path, list[i]->d_name);
		if (!*s->stop)
			read_member(s, inner, list[i]->d_name, kind, depth);
		free(inner);
		free(list[i]);
	}
	free(list);
}

void
source_read(struct source *s, const char *path)
{
	struct stat st;
	if (strcmp(path, "-") != 0 && stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		read_folder(s, path, kind_of(path), 0);
	else
		source_file(s, path, false);
}
