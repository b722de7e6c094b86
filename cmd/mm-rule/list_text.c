#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "addrlist.h"
#include "io.h"
#include "list_text.h"
#include "mem.h"

static struct str
fold(struct list_text *l, struct str entry)
{
	char *copy = str_dup(entry);
	for (char *p = copy; *p; p++)
		*p = ascii_lower(*p);
	l->folded = xgrow(l->folded, &l->cap, l->nfolded + 1, sizeof(*l->folded));
	l->folded[l->nfolded++] = copy;
	return str_n(copy, entry.n);
}

static bool
is_entry(struct str line)
{
	return line.n > 0 && line.p[0] != '#';
}

static void
cannot(const char *path, const char *what, struct problems *ps)
{
	char *text = xasprintf("cannot %s: %s", what, strerror(errno));
	problem_add(ps, PROBLEM_ERROR, path, 0, 0, "", text);
	free(text);
}

int
list_text_read(struct list_text *l, const char *path, struct problems *ps)
{
	*l = (struct list_text){0};
	if (io_read_file(path, &l->text, ADDRLIST_MAX_SIZE) < 0 && errno != ENOENT) {
		cannot(path, "read", ps);
		return -1;
	}
	for (struct str rest = buf_str(&l->text); rest.n;) {
		struct str line = str_trim(str_cut(&rest, '\n'));
		if (!is_entry(line))
			continue;
		l->nentries++;
		(void)textmap_add(&l->entries, fold(l, line), 0);
	}
	return 0;
}

void
list_text_add(struct list_text *l, struct str entry, const char *source, size_t line,
	struct problems *ps)
{
	entry = str_trim(entry);
	if (!addrlist_entry_valid(entry)) {
		char *text = xasprintf("expected " ADDRLIST_ENTRY ", found \"%.*s\"",
			(int)(entry.n > 100 ? 100 : entry.n), entry.p ? entry.p : "");
		problem_add(ps, PROBLEM_ERROR, source, (int)line, line ? 1 : 0, "", text);
		free(text);
		return;
	}
	if (!textmap_add(&l->entries, fold(l, entry), 0))
		return;
	if (l->nentries++ == ADDRLIST_MAX_ENTRIES)
		problem_add(ps, PROBLEM_ERROR, source, (int)line, line ? 1 : 0, "",
			"expected at most 100000 entries in a list");
	buf_addf(&l->added, "%.*s\n", STR_ARG(entry));
	l->changed++;
}

bool
list_text_remove(struct list_text *l, struct str entry)
{
	struct buf kept = {0};
	bool found = false;
	entry = str_trim(entry);
	for (struct str rest = buf_str(&l->text); rest.n;) {
		struct str line = str_cut(&rest, '\n'), own = str_trim(line);
		if (is_entry(own) && str_ieq(own, entry))
			found = true;
		else
			buf_addf(&kept, "%.*s\n", STR_ARG(line));
	}
	buf_release(&l->text);
	l->text = kept;
	l->changed += found;
	return found;
}

int
list_text_write(struct list_text *l, const char *path, struct problems *ps)
{
	struct buf *text = &l->text;
	if (l->changed == 0)
		return 0;
	if (text->n && text->p[text->n - 1] != '\n')
		buf_addc(text, '\n');
	buf_adds(text, buf_str(&l->added));
	if (io_write_file(path, text->n ? text->p : "", text->n, 0644) == 0)
		return 0;
	cannot(path, "write", ps);
	return -1;
}

void
list_text_release(struct list_text *l)
{
	textmap_release(&l->entries);
	for (size_t i = 0; i < l->nfolded; i++)
		free(l->folded[i]);
	free(l->folded);
	buf_release(&l->text);
	buf_release(&l->added);
}
