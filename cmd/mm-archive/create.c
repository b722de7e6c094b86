#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "archive_shared.h"
#include "commands.h"
#include "io.h"
#include "keys.h"
#include "log.h"
#include "mail_archive.h"
#include "mem.h"
#include "opt.h"
#include "site.h"

/* mkdir -p */
static int
make_directories(const char *path, mode_t mode)
{
	char *copy = xstrdup(path);
	int rc = 0;
	for (char *p = copy + 1; rc == 0 && *p; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		rc = io_make_folder(copy, 0755) == 0 || errno == EEXIST ? 0 : -1;
		*p = '/';
	}
	if (rc == 0)
		rc = io_make_folder(copy, mode) == 0 || errno == EEXIST ? 0 : -1;
	if (rc < 0)
		log_error("cannot make the directory %s: %s", copy, strerror(errno));
	free(copy);
	return rc;
}

/* The absolute path of a file that may come to be. */
static char *
realpath_of_new(const char *path)
{
	char *here = getcwd(NULL, 0);
	char *full = here ? xasprintf("%s/%s", here, path) : NULL;
	free(here);
	return full;
}

static int
write_document(const char *site, const char *name, const json_t *root)
{
	char *folder = xasprintf("%s/archives", site);
	char *path = xasprintf("%s/%s.json", folder, name);
	char *text = json_dumps(root, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
	char *line = text ? xasprintf("%s\n", text) : NULL;
	int rc = -1;
	if (line && make_directories(folder, 0755) == 0) {
		rc = io_write_file(path, line, strlen(line), 0644);
		if (rc < 0)
			log_error("cannot write %s: %s", path, strerror(errno));
	}
	free(line);
	free(text);
	free(path);
	free(folder);
	return rc;
}

/* NAME.key in the site's secrets/, if no other file was given. */
static int
add_encryption(json_t *root, const char *name, const char *key_file)
{
	char *full = key_file && *key_file != '/' ? realpath_of_new(key_file) : NULL;
	char *own = xasprintf("%s.key", name);
	int rc = json_object_set_new(root, "Encryption",
		json_pack("{ss}", "KeyFile",
			full       ? full
			: key_file ? key_file
				   : own));
	free(full);
	free(own);
	return rc;
}

static json_t *
new_document(const char *name, const char *retention)
{
	json_t *root = json_pack("{ss}", "ArchiveName", name);
	if (retention)
		json_object_set_new(
			root, "Retention", json_pack("{ss}", "RetentionPeriod", retention));
	return root;
}

/* The site's document of the archive comes to be, from the file given, whose
 * retention becomes *wanted, or from the options.  Returns the archive's name (the
 * caller frees), NULL after an error that *status tells. */
static char *
settle_document(const struct options *o, const char *site, const char *operand,
	struct retention *wanted, bool *given, int *status)
{
	struct problems ps = {0};
	struct json_doc doc = {0};
	char *name = NULL, *there;
	json_t *root = NULL;
	if (strchr(operand, '/') || str_ends(str_of(operand), STR(".json"))) {
		if (site_load_operand(&doc, site, SITE_ARCHIVE, operand, &ps) == 0) {
			name = str_dup(json_str(doc.root, "ArchiveName"));
			root = json_incref(doc.root);
			mail_archive_retention(&doc, wanted);
			*given = true;
			json_doc_release(&doc);
		}
		problems_log(&ps);
		problems_release(&ps);
	} else {
		name = xstrdup(operand);
		root = new_document(operand, o->retention);
	}
	if (name && !mail_archive_name_valid(str_of(name))) {
		log_error("expected a name of 2 to 64 letters, digits, - and _, not \"%s\"",
			name);
	} else if (name) {
		there = site_find(site, SITE_ARCHIVE, str_of(name));
		if (o->encrypt && !there && !json_object_get(root, "Encryption"))
			(void)add_encryption(root, name, o->key_file);
		*status = EX_CANTCREAT;
		if (there || write_document(site, name, root) == 0) {
			json_decref(root);
			free(there);
			return name;
		}
	}
	json_decref(root);
	free(name);
	return NULL;
}

static int
make_key_folder(const char *site, const char *key_file)
{
	char *secrets = xasprintf("%s/secrets", site);
	int rc = str_starts(str_of(key_file), str_of(secrets)) ? make_directories(secrets, 0700)
							       : 0;
	free(secrets);
	return rc;
}

static int
mark_shared(const struct mail_archive *a)
{
	static const char text[] = "Several hosts write to this archive.\n";
	char *path = xasprintf("%s/" ARCHIVE_SHARED, a->dir);
	int rc = io_write_file(path, text, sizeof(text) - 1, 0640);
	if (rc < 0)
		log_error("cannot write %s: %s", path, strerror(errno));
	free(path);
	return rc;
}

static int
make_archive(const struct options *o, const struct mail_archive *a, const char *site)
{
	const char *key_file = o->key_file ? o->key_file : a->key_file;
	if (o->encrypt && !a->key_file) {
		log_error("archive %s is there without encryption; its document in "
			  "%s/archives says so",
			a->name, site);
		return -1;
	}
	if (o->shared && a->key_file) {
		log_error("archive %s is encrypted; such an archive cannot be shared by hosts",
			a->name);
		return -1;
	}
	if (make_directories(a->dir, 0750) < 0 || io_sync_parent(a->dir) < 0 ||
		(o->shared && mark_shared(a) < 0))
		return -1;
	if (!a->key_file)
		return 0;
	return make_key_folder(site, key_file) < 0 ? -1 : keys_create(a, key_file);
}

int
command_create(struct options *o, char **operands)
{
	const char *site = site_dir(o->site);
	struct mail_archive a;
	struct retention wanted;
	bool given = o->retention != NULL;
	if (o->retention && retention_parse(str_of(o->retention), &wanted) < 0)
		opt_usage(EX_USAGE, "expected --retention %s", retention_words());
	int status = EX_DATAERR;
	char *name = settle_document(o, site, operands[0], &wanted, &given, &status);
	if (!name)
		return status;
	if (mail_archive_find(&a, site, o->root, name) == 0) {
		if (given && (wanted.months != a.retention.months ||
				     wanted.days != a.retention.days))
			log_error("archive %s has retention %s already; its document in "
				  "%s/archives says so",
				name, retention_word(&a.retention), site);
		else if (make_archive(o, &a, site) == 0)
			status = EX_OK;
		if (status == EX_OK)
			printf("%s  %s  %s\n", a.name, retention_word(&a.retention), a.dir);
	}
	mail_archive_release(&a);
	free(name);
	return status;
}
