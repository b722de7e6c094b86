#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "chain.h"
#include "hold_write.h"
#include "io.h"
#include "journal.h"
#include "log.h"
#include "mem.h"

char *
hold_path(const char *archive_dir, const char *name)
{
	return xasprintf("%s/" ARCHIVE_HOLDS "/%s.json", archive_dir, name);
}

json_t *
hold_json(const struct archive_hold *h)
{
	json_t *root = json_object(), *ids = json_array();
	json_object_set_new(root, "Name", json_string(h->name));
	json_object_set_new(root, "Reason", json_string(h->reason));
	if (h->query_text)
		json_object_set_new(root, "Query", json_string(h->query_text));
	for (size_t i = 0; i < h->nids; i++)
		json_array_append_new(ids, json_string(h->ids[i]));
	if (h->nids)
		json_object_set(root, "Ids", ids);
	json_object_set_new(root, "Created", json_string(h->created));
	json_object_set_new(root, "By", json_string(h->by));
	json_decref(ids);
	return root;
}

/* Takes the entry, which lacks Time and Action. */
static int
log_change(const char *archive_dir, const char *action, json_t *entry)
{
	char *path = xasprintf("%s/" ARCHIVE_HOLDS "/log.jsonl", archive_dir);
	json_t *whole = json_pack("{s:s}", "Action", action);
	json_object_update(whole, entry);
	json_decref(entry);
	int rc = journal_append(path, whole);
	free(path);
	return rc;
}

/* Its octets, or NULL: it is about to go. */
static int
tell_chain(const struct mail_archive *a, const char *name, const char *text)
{
	struct chain chain;
	char *file = xasprintf(ARCHIVE_HOLDS "/%s.json", name);
	struct str octets = str_of(text ? text : "");
	int rc = chain_open(&chain, a, false) < 0
			 ? -1
			 : chain_document(&chain, file, text ? &octets : NULL);
	chain_close(&chain);
	free(file);
	return rc;
}

int
hold_write(const struct mail_archive *a, const struct archive_hold *h)
{
	json_t *root = hold_json(h);
	char *path = hold_path(a->dir, h->name);
	char *text = json_dumps(root, JSON_INDENT(2));
	int rc = log_change(a->dir, "add", json_incref(root));
	if (rc == 0 && io_write_file(path, text, strlen(text), 0640) < 0) {
		log_error("cannot write %s: %s", path, strerror(errno));
		rc = -1;
	}
	if (rc == 0 && (rc = tell_chain(a, h->name, text)) < 0)
		log_error("archive %s has the hold %s all the same; mm-archive seal tells the "
			  "chain of it",
			a->name, h->name);
	free(text);
	free(path);
	json_decref(root);
	return rc;
}

int
hold_unlink(const struct mail_archive *a, const char *name, const char *reason)
{
	char *path = hold_path(a->dir, name), *by = journal_user();
	json_t *entry = json_pack("{s:s, s:s, s:s}", "Name", name, "Reason", reason, "By", by);
	int rc = log_change(a->dir, "remove", entry);
	if (rc == 0)
		rc = tell_chain(a, name, NULL);
	if (rc == 0 && (unlink(path) < 0 || io_sync_parent(path) < 0)) {
		log_error("cannot remove %s: %s", path, strerror(errno));
		rc = -1;
	}
	free(path);
	free(by);
	return rc;
}
