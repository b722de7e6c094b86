#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

static bool
line_has(const char *line, size_t n, const char *hash)
{
	json_t *entry = json_loadb(line, n, 0, NULL), *is;
	size_t i;
	bool has = false;
	json_array_foreach (json_object_get(entry, "Ids"), i, is)
		has = has || (json_is_string(is) && strcmp(json_string_value(is), hash) == 0);
	json_decref(entry);
	return has;
}

bool
forgotten_has(const char *archive_dir, const char *id)
{
	char *path = log_path(archive_dir), *line = NULL;
	struct hash_text hash = hash_text_of(str_of(id));
	FILE *f = fopen(path, "re");
	size_t size = 0;
	ssize_t n;
	bool has = false;
	while (f && !has && (n = getline(&line, &size, f)) > 0)
		has = line_has(line, (size_t)n, hash.s);
	if (f)
		(void)fclose(f);
	free(line);
	free(path);
	return has;
}
