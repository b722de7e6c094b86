#include <stdio.h>

#include "base64.h"
#include "clock.h"
#include "data_keys.h"
#include "mem.h"
#include "schema.h"

static const struct shape version = {.kind = SHAPE_INTEGER, .min = 1, .max = 1};
static const struct shape id = {.kind = SHAPE_STRING,
	.name = "8 hexadecimal digits",
	.min = 8,
	.max = 8,
	.pattern = "[0-9a-f]{8}"};
static const struct shape created = {
	.kind = SHAPE_STRING, .name = "a time like 2026-11-22T10:00:00Z", .min = 1, .max = 31};
static const struct shape key_file_id = {.kind = SHAPE_STRING,
	.name = "16 hexadecimal digits",
	.min = 16,
	.max = 16,
	.pattern = "[0-9a-f]{16}"};
static const struct shape wrapped = {.kind = SHAPE_STRING,
	.name = "60 octets as base64",
	.min = 80,
	.max = 80,
	.pattern = "[A-Za-z0-9+/]{80}"};
static const struct member key_members[] = {{"Id", &id, true}, {"Created", &created, true},
	{"KeyFile", &key_file_id, true}, {"Wrapped", &wrapped, true}, {NULL, NULL, false}};
static const struct shape key = {
	.kind = SHAPE_STRUCT, .name = "a data key", .members = key_members};
static const struct shape keys = {
	.kind = SHAPE_LIST, .element = &key, .min = 1, .max = DATA_KEYS_MAX};
static const struct member document_members[] = {
	{"Version", &version, true}, {"DataKeys", &keys, true}, {NULL, NULL, false}};
static const struct shape document = {.kind = SHAPE_STRUCT,
	.name = "the data keys of an archive",
	.members = document_members};

static void
parse_id(unsigned char out[DATA_KEY_ID], struct str hex)
{
	char digits[2 * DATA_KEY_ID + 1];
	(void)str_copy(hex, digits, sizeof(digits));
	unsigned long n = strtoul(digits, NULL, 16);
	for (int i = 0; i < DATA_KEY_ID; i++)
		out[i] = (unsigned char)(n >> (24 - 8 * i));
}

static int
take_key(struct wrapped_key *w, const json_t *object)
{
	struct buf b = {0};
	parse_id(w->id, json_str(object, "Id"));
	(void)str_copy(json_str(object, "Created"), w->created, sizeof(w->created));
	(void)str_copy(json_str(object, "KeyFile"), w->key_file, sizeof(w->key_file));
	int rc = base64_decode(json_str(object, "Wrapped"), &b) == 0 && b.n == DATA_KEY_WRAPPED
			 ? 0
			 : -1;
	if (rc == 0)
		memcpy(w->octets, b.p, DATA_KEY_WRAPPED);
	buf_release(&b);
	return rc;
}

static bool
has_id(const struct data_keys *k, const unsigned char wanted[DATA_KEY_ID])
{
	for (size_t i = 0; i < k->n; i++)
		if (memcmp(k->list[i].id, wanted, DATA_KEY_ID) == 0)
			return true;
	return false;
}

static int
take_keys(struct data_keys *k, const struct json_doc *doc, struct problems *ps)
{
	const json_t *list = json_object_get(doc->root, "DataKeys"), *object;
	const struct json_at at_list = {.key = "DataKeys"};
	size_t i;
	k->list = xcalloc(json_array_size(list) + 1, sizeof(*k->list));
	json_array_foreach (list, i, object) {
		const struct json_at at = {.up = &at_list, .index = i};
		struct wrapped_key w = {0};
		bool good = take_key(&w, object) == 0;
		if (!good || has_id(k, w.id)) {
			json_problem(ps, doc, &at, false, PROBLEM_ERROR,
				good ? "expected an Id that no other key has"
				     : "expected Wrapped with 60 octets as base64");
			return -1;
		}
		k->list[k->n++] = w;
	}
	return 0;
}

static int
take_document(struct data_keys *k, struct json_doc *doc, struct problems *ps)
{
	*k = (struct data_keys){0};
	int rc = schema_check(doc, &document, false, ps) ? take_keys(k, doc, ps) : -1;
	json_doc_release(doc);
	if (rc < 0)
		data_keys_release(k);
	return rc;
}

int
data_keys_parse(struct data_keys *k, const char *file, struct str text, struct problems *ps)
{
	struct json_doc doc;
	*k = (struct data_keys){0};
	return json_doc_parse(&doc, file, text, ps) < 0 ? -1 : take_document(k, &doc, ps);
}

int
data_keys_load(struct data_keys *k, const char *file, struct problems *ps)
{
	struct json_doc doc;
	*k = (struct data_keys){0};
	return json_doc_load(&doc, file, ps) < 0 ? -1 : take_document(k, &doc, ps);
}

void
data_keys_release(struct data_keys *k)
{
	free(k->list);
	*k = (struct data_keys){0};
}

void
data_keys_format(const struct data_keys *k, struct buf *out)
{
	buf_addstr(out, "{\n  \"Version\": 1,\n  \"DataKeys\": [");
	for (size_t i = 0; i < k->n; i++) {
		const struct wrapped_key *w = &k->list[i];
		buf_addf(out, "%s\n    {\n      \"Id\": \"%02x%02x%02x%02x\",\n", i ? "," : "",
			w->id[0], w->id[1], w->id[2], w->id[3]);
		buf_addf(out, "      \"Created\": \"%s\",\n      \"KeyFile\": \"%s\",\n",
			w->created, w->key_file);
		buf_addstr(out, "      \"Wrapped\": \"");
		base64_encode(str_n((const char *)w->octets, DATA_KEY_WRAPPED), out);
		buf_addstr(out, "\"\n    }");
	}
	buf_addstr(out, "\n  ]\n}\n");
}

/* The id goes into what is authenticated: a key cannot be passed off as another. */
static struct aead *
wrapping(const unsigned char key_id[DATA_KEY_ID], const struct file_key *by, char aad[64])
{
	snprintf(aad, 64, "mm-archive data key %02x%02x%02x%02x", key_id[0], key_id[1],
		key_id[2], key_id[3]);
	return aead_new(by->octets);
}

int
data_key_unwrap(const struct wrapped_key *w, const struct file_key *by, struct data_key *out)
{
	char aad[64];
	struct aead *a = wrapping(w->id, by, aad);
	const unsigned char *sealed = w->octets + AEAD_NONCE;
	int rc = a ? aead_open(a, w->octets, str_of(aad), str_n((const char *)sealed, AEAD_KEY),
			     sealed + AEAD_KEY, out->octets)
		   : -1;
	memcpy(out->id, w->id, DATA_KEY_ID);
	aead_free(a);
	return rc;
}

int
data_key_wrap(const struct data_key *k, const struct file_key *by, struct wrapped_key *out)
{
	char aad[64];
	struct aead *a = wrapping(k->id, by, aad);
	unsigned char *sealed = out->octets + AEAD_NONCE;
	int rc = a && random_octets(out->octets, AEAD_NONCE) == 0
			 ? aead_seal(a, out->octets, str_of(aad),
				   str_n((const char *)k->octets, AEAD_KEY), sealed,
				   sealed + AEAD_KEY)
			 : -1;
	memcpy(out->id, k->id, DATA_KEY_ID);
	(void)str_copy(str_of(by->id), out->key_file, sizeof(out->key_file));
	aead_free(a);
	return rc;
}

int
data_keys_add(struct data_keys *k, const struct file_key *by, int64_t now)
{
	struct data_key fresh;
	char time[CLOCK_RFC3339_SIZE];
	struct wrapped_key *w;
	if (random_octets(fresh.octets, AEAD_KEY) < 0)
		return -1;
	do
		if (random_octets(fresh.id, DATA_KEY_ID) < 0)
			return -1;
	while (has_id(k, fresh.id));
	k->list = xrealloc(k->list, (k->n + 1) * sizeof(*k->list));
	w = &k->list[k->n];
	*w = (struct wrapped_key){0};
	(void)str_copy(str_of(clock_rfc3339(now, time)), w->created, sizeof(w->created));
	int rc = data_key_wrap(&fresh, by, w);
	k->n += rc == 0;
	explicit_bzero(&fresh, sizeof(fresh));
	return rc;
}
