#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "forgotten.h"
#include "hash_text.h"
#include "journal.h"
#include "mem.h"

static char *
log_path(const char *archive_dir)
{
	return xasprintf("%s/forgotten.jsonl", archive_dir);
}

int
forgotten_write(const char *archive_dir, char **ids, size_t n, const char *reason)
{
	char *path = log_path(archive_dir), *by = journal_user();
	json_t *entry = json_object(), *hashes = json_array();
	for (size_t i = 0; i < n; i++)
		json_array_append_new(hashes, json_string(hash_text_of(str_of(ids[i])).s));
	json_object_set_new(entry, "Ids", hashes);
	json_object_set_new(entry, "Reason", json_string(reason));
	json_object_set_new(entry, "By", json_string(by));
	int rc = journal_append(path, entry);
	free(by);
	free(path);
	return rc;
}

struct forgotten {
	struct hash_text hash;
	UT_hash_handle hh;
};

static void
add(struct forgotten **all, const char *hash)
{
	struct forgotten *known, *f = xcalloc(1, sizeof(*f));
	size_t n = strlen(hash);
	if (n == sizeof(f->hash.s) - 1)
		memcpy(f->hash.s, hash, n);
	HASH_FIND_STR(*all, f->hash.s, known);
	if (known)
		free(f);
	else
		HASH_ADD_STR(*all, hash.s, f);
}

static void
add_line(struct forgotten **all, const char *line, size_t n)
{
	json_t *entry = json_loadb(line, n, 0, NULL), *is;
	size_t i;
	json_array_foreach (json_object_get(entry, "Ids"), i, is)
		if (json_is_string(is))
			add(all, json_string_value(is));
	json_decref(entry);
}

struct forgotten *
forgotten_read(const char *archive_dir)
{
	char *path = log_path(archive_dir), *line = NULL;
	struct forgotten *all = NULL;
	FILE *f = fopen(path, "re");
	size_t size = 0;
	ssize_t n;
	while (f && (n = getline(&line, &size, f)) > 0)
		add_line(&all, line, (size_t)n);
	if (f)
		(void)fclose(f);
	free(line);
	free(path);
	return all;
}

bool
forgotten_has(struct forgotten *all, struct str id)
{
	struct hash_text hash = hash_text_of(id);
	struct forgotten *known;
	HASH_FIND_STR(all, hash.s, known);
	return known;
}

void
forgotten_free(struct forgotten *all)
{
	struct forgotten *f = all, *next;
	HASH_CLEAR(hh, all);
	for (; f; f = next) {
		next = f->hh.next;
		free(f);
	}
}
