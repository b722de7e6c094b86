/* site.h: the site directory, mm-site(5): one JSON file a resource, in a folder
 * a kind.  A reference is a name, an id, or an ARN whose last segment is one. */
#ifndef MM_SITE_H
#define MM_SITE_H

#include "json.h"
#include "schema.h"

enum site_kind {
	SITE_INGRESS_POINT,
	SITE_TRAFFIC_POLICY,
	SITE_RULE_SET,
	SITE_ARCHIVE,
	SITE_RELAY,
	SITE_ADDON,
	SITE_MAILBOX,
	SITE_TOPIC,
	SITE_FUNCTION,
	SITE_APPLICATION,
	SITE_SECRET,
	SITE_ADDRESS_LIST, /* not JSON: one entry a line */
};

/* The directory: dir if not NULL, else $MM_SITE, else /etc/mm. */
const char *site_dir(const char *dir);

const char *site_kind_name(enum site_kind kind); /* "rule set" */

/* The last segment of an ARN, or the reference itself:
 * "arn:aws:ses:eu-west-1:1:mailmanager-archive/a-123" gives "a-123",
 * "arn:aws:secretsmanager:...:secret:smtp" gives "smtp". */
struct str site_reference_name(struct str reference);

/* The path of the file that a reference names: FOLDER/NAME.json (address lists,
 * secrets: also FOLDER/NAME), else the file in FOLDER whose own name or id
 * member ("ArchiveName", "ArchiveId", ...) is the reference.  NULL when there is
 * none; the caller frees. */
char *site_find(const char *dir, enum site_kind kind, struct str reference);

/* The path of a JSON file of the site's folder that is wanted, in no order; NULL when
 * there is none.  The caller frees. */
typedef bool site_document_wanted(void *arg, const char *path);
char *site_first_document(
	const char *dir, const char *folder, site_document_wanted *wanted, void *arg);

/* Finds, reads and checks.  0, or -1 with problems added; doc is then released. */
int site_load(struct json_doc *doc, const char *dir, enum site_kind kind, struct str reference,
	struct problems *ps);

/* Is a command-line operand the path of a file rather than a reference: has it a
 * '/' (an ARN apart) or does it end in ".json"? */
bool site_operand_is_path(const char *operand);

/* Like site_load(), but the operand may be the path of a file outside the site. */
int site_load_operand(struct json_doc *doc, const char *dir, enum site_kind kind,
	const char *operand, struct problems *ps);

/* site.json at the top of the site: settings (mm-site(5)).  A site without the
 * file has an empty object. */
int site_settings(struct json_doc *doc, const char *dir, struct problems *ps);

/* A string of site.json; NULL when it is not there, or after an error was logged.  The
 * caller frees. */
char *site_setting(const char *dir, const char *key);

/* The gateway's host name: "Hostname" of site.json, else gethostname(2). */
char *site_hostname(const char *dir); /* caller frees */

#endif
