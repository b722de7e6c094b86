#include <stdlib.h>

#include "archive_hold.h"
#include "archive_keys.h"
#include "chain_line.h"
#include "clock.h"
#include "mail_archive.h"
#include "mem.h"

#define HASH_MEMBER ",\"Hash\":\""
#define HASH_TAIL (sizeof(HASH_MEMBER) - 1 + HASH_DIGITS + 2) /* to the end of the line */

static const char *const names[CHAIN_EVENTS] = {
	"seal", "recut", "forget", "prune", "index", "head", "document"};

bool
chain_line_undoes(const struct chain_line *l)
{
	return l->event == CHAIN_RECUT && !l->into && l->nremoved == 0;
}

static void
set_text(json_t *o, const char *key, const char *value)
{
	if (value)
		json_object_set_new(o, key, json_string(value));
}

static void
set_hash(json_t *o, const char *key, const struct hash_text *h)
{
	if (h->s[0])
		json_object_set_new(o, key, json_string(h->s));
}

static json_t *
removed_list(const struct chain_line *l)
{
	json_t *list = json_array();
	for (size_t i = 0; i < l->nremoved; i++) {
		const struct chain_removed *r = &l->removed[i];
		json_array_append_new(
			list, json_pack("{sI ss sb}", "At", (json_int_t)r->at, "Entry",
				      r->entry.s, "Message", r->message));
	}
	return list;
}

static void
set_what(json_t *o, const struct chain_line *l)
{
	bool counts = l->content.s[0] != '\0';
	set_text(o, "File", l->file);
	set_text(o, "Into", l->into);
	if (counts) {
		json_object_set_new(o, "Messages", json_integer((json_int_t)l->messages));
		json_object_set_new(o, "Entries", json_integer((json_int_t)l->entries));
	}
	if (l->sha256.s[0])
		json_object_set_new(o, "Size", json_integer((json_int_t)l->size));
	set_hash(o, "Content", &l->content);
	set_hash(o, "Sha256", &l->sha256);
	if (l->nremoved)
		json_object_set_new(o, "Removed", removed_list(l));
	if (l->nids) {
		json_t *ids = json_array();
		for (size_t i = 0; i < l->nids; i++)
			json_array_append_new(ids, json_string(l->ids[i]));
		json_object_set_new(o, "Ids", ids);
	}
	set_text(o, "Because", l->because);
	set_text(o, "Archive", l->archive);
	set_text(o, "Key", l->key);
	set_text(o, "Signature", l->signature);
}

/* At least so long are the lists of a line. */
static uint64_t
least(const struct chain_line *l)
{
	static const char removed[] = "{'At':0,'Entry':'" CHAIN_START "','Message':true},";
	return l->nremoved * (sizeof(removed) - 1) + l->nids * (HASH_DIGITS + 3);
}

int
chain_line_write(struct chain_line *l, struct buf *out)
{
	char time[CLOCK_RFC3339_SIZE];
	if (least(l) > CHAIN_LINE_MAX)
		return -1;
	json_t *o = json_pack("{sI ss ss}", "N", (json_int_t)l->n, "Time",
		clock_rfc3339(l->time, time), "Event", names[l->event]);
	set_what(o, l);
	set_hash(o, "Previous", &l->previous);
	char *text = json_dumps(o, JSON_COMPACT | JSON_PRESERVE_ORDER | JSON_ENSURE_ASCII);
	json_decref(o);
	struct str head = str_n(text, strlen(text) - 1); /* without the brace */
	bool fits = head.n + HASH_TAIL <= CHAIN_LINE_MAX;
	if (fits) {
		l->hash = hash_text_of(head);
		buf_adds(out, head);
		buf_addf(out, HASH_MEMBER "%s\"}\n", l->hash.s);
	}
	free(text);
	return fits ? 0 : -1;
}

static int
take_number(const json_t *o, const char *key, uint64_t *out)
{
	const json_t *v = json_object_get(o, key);
	if (!json_is_integer(v) || json_integer_value(v) < 0)
		return -1;
	*out = (uint64_t)json_integer_value(v);
	return 0;
}

static int
take_hash(const json_t *o, const char *key, struct hash_text *out)
{
	const json_t *v = json_object_get(o, key);
	return json_is_string(v)
		       ? hash_text_parse(
				 str_n(json_string_value(v), json_string_length(v)), out)
		       : -1;
}

static const char *
take_text(const json_t *o, const char *key)
{
	return json_string_value(json_object_get(o, key));
}

static int
take_removed(struct chain_line *l)
{
	const json_t *list = json_object_get(l->root, "Removed"), *r;
	size_t i;
	if (list && (!json_is_array(list) || json_array_size(list) == 0))
		return -1;
	l->removed = xcalloc(json_array_size(list) + 1, sizeof(*l->removed));
	json_array_foreach (list, i, r) {
		struct chain_removed *to = &l->removed[i];
		if (take_number(r, "At", &to->at) < 0 || (i && to->at <= to[-1].at) ||
			take_hash(r, "Entry", &to->entry) < 0 ||
			!json_is_boolean(json_object_get(r, "Message")))
			return -1;
		to->message = json_is_true(json_object_get(r, "Message"));
		l->nremoved++;
	}
	return 0;
}

static int
take_ids(struct chain_line *l)
{
	const json_t *list = json_object_get(l->root, "Ids"), *id;
	struct hash_text unused;
	size_t i;
	l->ids = xcalloc(json_array_size(list) + 1, sizeof(*l->ids));
	json_array_foreach (list, i, id) {
		if (!json_is_string(id) ||
			hash_text_parse(str_of(json_string_value(id)), &unused) < 0)
			return -1;
		l->ids[l->nids++] = json_string_value(id);
	}
	return l->nids ? 0 : -1;
}

bool
chain_document_grows(struct str path)
{
	return str_eq(path, STR(CHAIN_HOLDS_LOG)) || str_eq(path, STR(CHAIN_FORGOTTEN));
}

bool
chain_document_valid(struct str path)
{
	if (str_eq(path, STR(ARCHIVE_KEYS)) || chain_document_grows(path))
		return true;
	if (!str_starts(path, STR(ARCHIVE_HOLDS "/")) || !str_ends(path, STR(".json")) ||
		path.n < sizeof(ARCHIVE_HOLDS "/.json"))
		return false;
	struct str name = str_skip(path, sizeof(ARCHIVE_HOLDS));
	name.n -= sizeof(".json") - 1;
	return mail_archive_name_valid(name);
}

/* A path within the archive that leads nowhere else. */
static bool
path_is_good(const char *path, bool month_alone)
{
	struct str s = str_of(path);
	if (s.n < 7 || s.n > 255)
		return false;
	for (size_t i = 0; i < 7; i++)
		if (i == 4 ? s.p[i] != '-' : s.p[i] < '0' || s.p[i] > '9')
			return false;
	if (s.n == 7)
		return month_alone;
	return s.n > 8 && s.p[7] == '/' && s.p[8] != '.' && !memchr(s.p + 8, '/', s.n - 8);
}

/* One that is gone has no hash. */
static bool
take_document(struct chain_line *l)
{
	l->file = take_text(l->root, "File");
	if (!l->file || !chain_document_valid(str_of(l->file)))
		return false;
	return !json_object_get(l->root, "Sha256") ||
	       (take_number(l->root, "Size", &l->size) == 0 &&
		       take_hash(l->root, "Sha256", &l->sha256) == 0);
}

static bool
take_file(struct chain_line *l)
{
	l->file = take_text(l->root, "File");
	return path_is_good(l->file, l->event == CHAIN_PRUNE);
}

static bool
take_content(struct chain_line *l)
{
	const json_t *o = l->root;
	return take_number(o, "Messages", &l->messages) == 0 &&
	       take_number(o, "Entries", &l->entries) == 0 &&
	       take_number(o, "Size", &l->size) == 0 &&
	       take_hash(o, "Content", &l->content) == 0 &&
	       take_hash(o, "Sha256", &l->sha256) == 0;
}

static bool
take_replacement(struct chain_line *l)
{
	l->into = take_text(l->root, "Into");
	if (!take_file(l) || take_removed(l) < 0 ||
		(l->into && (!path_is_good(l->into, false) || !take_content(l))))
		return false;
	if (l->event == CHAIN_RECUT)
		return true;
	l->because = take_text(l->root, "Because");
	return l->because && take_ids(l) == 0;
}

static const char *
take_members(struct chain_line *l)
{
	switch (l->event) {
	case CHAIN_SEAL:
		return take_file(l) && take_content(l)
			       ? NULL
			       : "expected File, Messages, Entries, Size, Content, Sha256";
	case CHAIN_RECUT:
	case CHAIN_FORGET:
		return take_replacement(l) ? NULL
					   : "expected File and what has taken its place";
	case CHAIN_PRUNE:
		return take_file(l) ? NULL : "expected File";
	case CHAIN_INDEX:
		return take_file(l) && take_number(l->root, "Size", &l->size) == 0 &&
				       take_hash(l->root, "Sha256", &l->sha256) == 0
			       ? NULL
			       : "expected File, Size, Sha256";
	case CHAIN_DOCUMENT:
		return take_document(l) ? NULL : "expected File, a document, Size, Sha256";
	default:
		l->archive = take_text(l->root, "Archive");
		l->key = take_text(l->root, "Key");
		l->signature = take_text(l->root, "Signature");
		return l->archive && l->key && l->signature
			       ? NULL
			       : "expected Archive, Key, Signature";
	}
}

static const char *
take_common(struct chain_line *l)
{
	const char *event = take_text(l->root, "Event");
	int kind = 0;
	while (event && kind < CHAIN_EVENTS && strcmp(names[kind], event) != 0)
		kind++;
	if (!event || kind == CHAIN_EVENTS)
		return "expected an Event that is known";
	l->event = (enum chain_event)kind;
	if (take_number(l->root, "N", &l->n) < 0)
		return "expected N, a number";
	if (clock_parse_rfc3339(str_of(take_text(l->root, "Time")), &l->time) < 0)
		return "expected Time";
	if (take_hash(l->root, "Previous", &l->previous) < 0)
		return "expected Previous, a hash";
	return take_members(l);
}

int
chain_line_parse(struct chain_line *l, struct str text, const char **why)
{
	const size_t head = sizeof(HASH_MEMBER) - 1, tail = HASH_TAIL;
	*l = (struct chain_line){0};
	*why = "expected a line that ends in its Hash";
	if (text.n <= tail || text.n > CHAIN_LINE_MAX)
		return -1;
	struct str end = str_skip(text, text.n - tail), octets = str_n(text.p, text.n - tail);
	if (memcmp(end.p, HASH_MEMBER, head) != 0 || memcmp(end.p + tail - 2, "\"}", 2) != 0 ||
		hash_text_parse(str_n(end.p + head, HASH_DIGITS), &l->hash) < 0)
		return -1;
	struct hash_text is = hash_text_of(octets);
	*why = "its Hash is another";
	if (!hash_text_eq(&is, &l->hash))
		return -1;
	l->root = json_loadb(text.p, text.n, JSON_REJECT_DUPLICATES, NULL);
	*why = "expected a JSON object";
	if (!json_is_object(l->root))
		return -1;
	*why = take_common(l);
	return *why ? -1 : 0;
}

void
chain_line_release(struct chain_line *l)
{
	if (l->root) {
		free(l->removed);
		free(l->ids);
		json_decref(l->root);
	}
	*l = (struct chain_line){0};
}
