#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ids.h"
#include "log.h"
#include "mem.h"
#include "str.h"
#include "ulid.h"

static int
by_text(const void *x, const void *y)
{
	return strcmp(*(char *const *)x, *(char *const *)y);
}

static void
sort(char **ids, size_t *n)
{
	size_t kept = 0;
	if (*n)
		qsort(ids, *n, sizeof(*ids), by_text);
	for (size_t i = 0; i < *n; i++) {
		if (kept && strcmp(ids[kept - 1], ids[i]) == 0)
			free(ids[i]);
		else
			ids[kept++] = ids[i];
	}
	*n = kept;
}

bool
ids_were_read(void)
{
	if (!ferror(stdin))
		return true;
	log_error("cannot read standard input: %s", strerror(errno));
	return false;
}

int
ids_read(char ***ids, size_t *n)
{
	char *line = NULL;
	size_t size = 0, cap = 0, number = 0;
	ssize_t got;
	int rc = 0;
	*ids = NULL;
	*n = 0;
	while ((got = getline(&line, &size, stdin)) >= 0) {
		struct str id = str_trim(str_n(line, (size_t)got));
		number++;
		if (id.n == 0)
			continue;
		if (!id_valid(id)) {
			log_error("standard input, line %zu: expected an id", number);
			rc = -1;
			continue;
		}
		*ids = xgrow(*ids, &cap, *n + 1, sizeof(char *));
		(*ids)[(*n)++] = str_dup(id);
	}
	free(line);
	sort(*ids, n);
	return ids_were_read() ? rc : -1;
}

int
ids_of(char **operands, char ***ids, size_t *n)
{
	size_t cap = 0;
	int rc = 0;
	*ids = NULL;
	*n = 0;
	for (; *operands; operands++) {
		if (!id_valid(str_of(*operands))) {
			log_error("expected an id, not \"%s\"", *operands);
			rc = -1;
			continue;
		}
		*ids = xgrow(*ids, &cap, *n + 1, sizeof(char *));
		(*ids)[(*n)++] = xstrdup(*operands);
	}
	sort(*ids, n);
	return rc;
}
