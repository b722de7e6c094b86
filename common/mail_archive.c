#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive_keys.h"
#include "mail_archive.h"
#include "log.h"
#include "mem.h"
#include "site.h"

char *
mail_archive_root(const char *site, const char *option)
{
	const char *env = getenv("MM_ARCHIVE_ROOT");
	struct problems ps = {0};
	struct json_doc doc;
	char *root = NULL;
	if (option || (env && *env))
		return xstrdup(option ? option : env);
	if (site_settings(&doc, site, &ps) == 0) {
		struct str set = json_str(doc.root, "ArchiveRoot");
		root = set.p ? str_dup(set) : NULL;
		json_doc_release(&doc);
	}
	problems_log(&ps);
	problems_release(&ps);
	return root ? root : xstrdup("/var/lib/mm/archives");
}

static bool
name_char(char c, bool inner)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (inner && (c == '_' || c == '-'));
}

bool
mail_archive_name_valid(struct str name)
{
	if (name.n < 2 || name.n > 64)
		return false;
	for (size_t i = 0; i < name.n; i++)
		if (!name_char(name.p[i], i > 0 && i + 1 < name.n))
			return false;
	return true;
}

void
mail_archive_retention(const struct json_doc *doc, struct retention *out)
{
	struct str word = json_str(json_object_get(doc->root, "Retention"), "RetentionPeriod");
	*out = retention_default;
	if (word.p)
		(void)retention_parse(word, out);
}

char *
mail_archive_key_file(const struct json_doc *doc, const char *member, const char *site)
{
	struct str name = json_str(json_object_get(doc->root, member), "KeyFile");
	if (!name.p)
		return NULL;
	return str_starts(name, STR("/")) ? str_dup(name)
					  : xasprintf("%s/secrets/%.*s", site, STR_ARG(name));
}

static int
find_in_site(struct mail_archive *a, const char *site, const char *root, const char *reference)
{
	struct problems ps = {0};
	struct json_doc doc;
	int rc = site_load(&doc, site, SITE_ARCHIVE, str_of(reference), &ps);
	if (rc == 0) {
		struct str name = json_str(doc.root, "ArchiveName");
		char *own_root = mail_archive_root(site, root);
		a->name = str_dup(name.p ? name : str_of(reference));
		a->dir = xasprintf("%s/%s", own_root, a->name);
		mail_archive_retention(&doc, &a->retention);
		a->key_file = mail_archive_key_file(&doc, "Encryption", site);
		a->seal_key_file = mail_archive_key_file(&doc, "Seal", site);
		free(own_root);
		json_doc_release(&doc);
	}
	problems_log(&ps);
	problems_release(&ps);
	if (rc == 0 && !mail_archive_name_valid(str_of(a->name))) {
		log_error("expected an archive name, not \"%s\"", a->name);
		return -1;
	}
	return rc;
}

static void
find_by_path(struct mail_archive *a, const char *path)
{
	struct str s = str_of(path);
	while (s.n > 1 && s.p[s.n - 1] == '/')
		s.n--;
	a->dir = str_dup(s);
	const char *slash = strrchr(a->dir, '/');
	a->name = xstrdup(slash && slash[1] ? slash + 1 : a->dir);
}

int
mail_archive_find(
	struct mail_archive *a, const char *site, const char *root, const char *reference)
{
	*a = (struct mail_archive){0};
	if (!strchr(reference, '/') || strncmp(reference, "arn:", 4) == 0)
		return find_in_site(a, site, root, reference);
	find_by_path(a, reference);
	return 0;
}

static const char *given_key_file;

void
mail_archive_use_key_file(const char *path)
{
	given_key_file = path;
}

bool
mail_archive_encrypted(const struct mail_archive *a)
{
	char *path = xasprintf("%s/" ARCHIVE_KEYS, a->dir);
	bool there = access(path, F_OK) == 0;
	free(path);
	return there || a->key_file;
}

int
mail_archive_unlock(struct mail_archive *a)
{
	const char *key_file = given_key_file ? given_key_file : a->key_file;
	if (!mail_archive_encrypted(a))
		return 0;
	if (key_file)
		a->keys = archive_keys_open(a->dir, key_file);
	else
		log_error("archive %s is encrypted: its key file is to be named by "
			  "Encryption.KeyFile of its document in the site, or --key-file",
			a->name);
	return a->keys ? 0 : -1;
}

int
mail_archive_open(
	struct mail_archive *a, const char *site, const char *root, const char *reference)
{
	struct stat st;
	if (mail_archive_find(a, site, root, reference) < 0)
		return -1;
	int error = stat(a->dir, &st) < 0 ? errno : S_ISDIR(st.st_mode) ? 0 : ENOTDIR;
	if (error == 0)
		return mail_archive_unlock(a);
	if (error == ENOENT && !strchr(reference, '/'))
		log_error("cannot open the archive's directory %s: %s; mm-archive create %s "
			  "makes it",
			a->dir, strerror(error), a->name);
	else
		log_error(
			"cannot open the archive's directory %s: %s", a->dir, strerror(error));
	return -1;
}

void
mail_archive_release(struct mail_archive *a)
{
	archive_keys_free(a->keys);
	free(a->key_file);
	free(a->seal_key_file);
	free(a->name);
	free(a->dir);
	*a = (struct mail_archive){0};
}

static int
by_name(const void *x, const void *y)
{
	return strcmp(*(char *const *)x, *(char *const *)y);
}

static bool
is_there(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0;
}

int
mail_archive_names(const char *site, char ***list, size_t *n)
{
	char *folder = xasprintf("%s/archives", site);
	DIR *d = opendir(folder);
	struct dirent *e;
	size_t cap = 0;
	bool good = d || (errno == ENOENT && is_there(site));
	*list = NULL;
	*n = 0;
	if (!good)
		log_error("cannot read %s: %s; the site's directory is what -C or MM_SITE say, "
			  "else /etc/mm",
			folder, strerror(errno));
	while (d && (e = readdir(d))) {
		struct str name = str_of(e->d_name);
		if (e->d_name[0] == '.' || !str_ends(name, STR(".json")))
			continue;
		name.n -= 5;
		*list = xgrow(*list, &cap, *n + 1, sizeof(**list));
		(*list)[(*n)++] = str_dup(name);
	}
	if (d)
		closedir(d);
	if (*n)
		qsort(*list, *n, sizeof(**list), by_name);
	free(folder);
	return good ? 0 : -1;
}
