#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mailmanager_forms.h"
#include "mem.h"
#include "site.h"

static const struct kind {
	const char *folder, *name;
	const char *members[3]; /* that hold a resource's own name or id */
	const struct shape *shape;
	bool plain; /* also without ".json" */
} kinds[] = {
	[SITE_INGRESS_POINT] = {"ingress-points", "ingress point",
		{"IngressPointName", "IngressPointId", "IngressPointArn"}, &shape_ingress_point,
		false},
	[SITE_TRAFFIC_POLICY] = {"traffic-policies", "traffic policy",
		{"TrafficPolicyName", "TrafficPolicyId", "TrafficPolicyArn"},
		&shape_traffic_policy, false},
	[SITE_RULE_SET] = {"rule-sets", "rule set", {"RuleSetName", "RuleSetId", "RuleSetArn"},
		&shape_rule_set, false},
	[SITE_ARCHIVE] = {"archives", "archive", {"ArchiveName", "ArchiveId", "ArchiveArn"},
		&shape_archive, false},
	[SITE_RELAY] = {"relays", "relay", {"RelayName", "RelayId", "RelayArn"}, &shape_relay,
		false},
	[SITE_ADDON] = {"addons", "add-on",
		{"AddonName", "AddonInstanceId", "AddonInstanceArn"}, &shape_addon_instance,
		false},
	[SITE_MAILBOX] = {"mailboxes", "mailbox", {"MailboxName", "MailboxArn"}, &shape_mailbox,
		false},
	[SITE_TOPIC] = {"topics", "topic", {"TopicName", "TopicArn"}, NULL, false},
	[SITE_FUNCTION] = {"functions", "function", {"FunctionName", "FunctionArn"}, NULL,
		false},
	[SITE_APPLICATION] = {"applications", "application", {"ApplicationId"}, NULL, false},
	[SITE_SECRET] = {"secrets", "secret", {"Name", "ARN"}, &shape_secret, true},
	[SITE_ADDRESS_LIST] = {"address-lists", "address list", {NULL}, NULL, true},
};

const char *
site_dir(const char *dir)
{
	if (dir)
		return dir;
	dir = getenv("MM_SITE");
	return dir && *dir ? dir : "/etc/mm";
}

const char *
site_kind_name(enum site_kind kind)
{
	return kinds[kind].name;
}

struct str
site_reference_name(struct str reference)
{
	if (!str_starts(reference, STR("arn:")))
		return reference;
	size_t at = reference.n;
	while (at > 0 && reference.p[at - 1] != '/' && reference.p[at - 1] != ':')
		at--;
	return str_skip(reference, at);
}

/* A reference becomes part of a path: it must not lead out of its folder. */
static bool
safe_file_name(struct str name)
{
	return name.n > 0 && name.n <= 255 && name.p[0] != '.' &&
	       !memchr(name.p, '/', name.n) && !memchr(name.p, '\0', name.n);
}

static char *
find_by_file_name(const char *dir, const struct kind *k, struct str name)
{
	static const char *const endings[] = {".json", ""};
	if (!safe_file_name(name))
		return NULL;
	for (size_t i = 0; i < (k->plain ? 2u : 1u); i++) {
		char *path =
			xasprintf("%s/%s/%.*s%s", dir, k->folder, STR_ARG(name), endings[i]);
		if (access(path, F_OK) == 0)
			return path;
		free(path);
	}
	return NULL;
}

struct wanted {
	const struct kind *k;
	struct str reference;
};

static bool
calls_itself(void *arg, const char *path)
{
	const struct kind *k = ((struct wanted *)arg)->k;
	struct str reference = ((struct wanted *)arg)->reference;
	struct problems ignored = {0};
	struct json_doc doc;
	bool match = false;
	if (mailmanager_load(&doc, path, k->shape, &ignored) == 0) {
		for (size_t i = 0; i < 3 && k->members[i]; i++) {
			struct str own = json_str(doc.root, k->members[i]);
			match = match ||
				(own.p && (str_eq(own, reference) ||
						  str_eq(site_reference_name(own),
							  site_reference_name(reference))));
		}
		json_doc_release(&doc);
	}
	problems_release(&ignored);
	return match;
}

char *
site_first_document(
	const char *dir, const char *folder_name, site_document_wanted *wanted, void *arg)
{
	char *folder = xasprintf("%s/%s", dir, folder_name), *found = NULL;
	DIR *d = opendir(folder);
	struct dirent *e;
	while (d && !found && (e = readdir(d))) {
		if (!str_ends(str_of(e->d_name), STR(".json")) || e->d_name[0] == '.')
			continue;
		char *path = xasprintf("%s/%s", folder, e->d_name);
		if (wanted(arg, path))
			found = path;
		else
			free(path);
	}
	if (d)
		closedir(d);
	free(folder);
	return found;
}

char *
site_find(const char *dir, enum site_kind kind, struct str reference)
{
	const struct kind *k = &kinds[kind];
	if (!reference.p)
		return NULL;
	char *path = find_by_file_name(dir, k, site_reference_name(reference));
	struct wanted wanted = {k, reference};
	return path || !k->members[0]
		       ? path
		       : site_first_document(dir, k->folder, calls_itself, &wanted);
}

static int
load_checked(struct json_doc *doc, const char *path, const struct kind *k, struct problems *ps)
{
	if (mailmanager_load(doc, path, k->shape, ps) < 0)
		return -1;
	if (!k->shape || schema_check(doc, k->shape, false, ps))
		return 0;
	json_doc_release(doc);
	return -1;
}

int
site_load(struct json_doc *doc, const char *dir, enum site_kind kind, struct str reference,
	struct problems *ps)
{
	const struct kind *k = &kinds[kind];
	char *path = site_find(dir, kind, reference);
	*doc = (struct json_doc){0};
	if (!path) {
		char *folder = xasprintf("%s/%s", dir, k->folder);
		char *text = xasprintf("there is no %s \"%.*s\"; expected %.*s.json here",
			k->name, STR_ARG(reference), STR_ARG(site_reference_name(reference)));
		problem_add(ps, PROBLEM_ERROR, folder, 0, 0, "", text);
		free(text);
		free(folder);
		return -1;
	}
	int rc = load_checked(doc, path, k, ps);
	free(path);
	return rc;
}

bool
site_operand_is_path(const char *operand)
{
	struct str s = str_of(operand);
	return str_ends(s, STR(".json")) ||
	       (!str_starts(s, STR("arn:")) && strchr(operand, '/') != NULL);
}

int
site_load_operand(struct json_doc *doc, const char *dir, enum site_kind kind,
	const char *operand, struct problems *ps)
{
	*doc = (struct json_doc){0};
	if (site_operand_is_path(operand))
		return load_checked(doc, operand, &kinds[kind], ps);
	return site_load(doc, dir, kind, str_of(operand), ps);
}

int
site_settings(struct json_doc *doc, const char *dir, struct problems *ps)
{
	char *path = xasprintf("%s/site.json", dir);
	static const struct kind settings = {"", "settings", {NULL}, &shape_settings, false};
	int rc = access(path, F_OK) == 0 ? load_checked(doc, path, &settings, ps)
					 : json_doc_parse(doc, path, STR("{}"), ps);
	free(path);
	return rc;
}

char *
site_setting(const char *dir, const char *key)
{
	struct problems ps = {0};
	struct json_doc doc;
	char *value = NULL;
	if (site_settings(&doc, dir, &ps) == 0) {
		struct str set = json_str(doc.root, key);
		value = set.p ? str_dup(set) : NULL;
		json_doc_release(&doc);
	}
	problems_log(&ps);
	problems_release(&ps);
	return value;
}

char *
site_hostname(const char *dir)
{
	char own[256] = "localhost", *name = site_setting(dir, "Hostname");
	if (name)
		return name;
	(void)gethostname(own, sizeof(own) - 1);
	return xstrdup(own);
}
