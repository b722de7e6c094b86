#include <dirent.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/stat.h>

#include "base64.h"
#include "clock.h"
#include "json.h"
#include "log.h"
#include "mem.h"
#include "signing_key_file.h"
#include "signing_keys.h"

#define LOOK_EVERY_MS 1000
#define LINE_LENGTH 72

static void
add_to_state(uint64_t *state, const struct stat *st)
{
	const uint64_t facts[] = {st->st_ino, (uint64_t)st->st_size,
		(uint64_t)st->st_mtim.tv_sec, (uint64_t)st->st_mtim.tv_nsec,
		(uint64_t)st->st_ctim.tv_sec, (uint64_t)st->st_ctim.tv_nsec};
	for (size_t i = 0; i < sizeof(facts) / sizeof(*facts); i++)
		*state = (*state ^ facts[i]) * 1099511628211u;
}

static bool
is_json(const struct dirent *e)
{
	return e->d_name[0] != '.' && str_ends(str_of(e->d_name), STR(".json"));
}

/* Calls take for each file of the folder; a sum of what they are.  The order of a
 * folder is no order, so the sum heeds none. */
static uint64_t
each_file(const char *folder, void (*take)(void *arg, const char *path), void *arg)
{
	uint64_t sum = 0;
	struct dirent *e;
	DIR *d = opendir(folder);
	while (d && (e = readdir(d))) {
		uint64_t one = 14695981039346656037u;
		struct stat st;
		if (!is_json(e))
			continue;
		char *path = xasprintf("%s/%s", folder, e->d_name);
		if (stat(path, &st) == 0)
			add_to_state(&one, &st);
		sum += one;
		if (take)
			take(arg, path);
		free(path);
	}
	if (d)
		closedir(d);
	return sum;
}

struct loading {
	struct signing_keys *keys;
	const char *site;
	struct problems ps;
};

static void
load_one(void *arg, const char *path)
{
	struct loading *l = arg;
	struct signing_keys *k = l->keys;
	struct signing_key key;
	if (signing_key_read(&key, l->site, path, &l->ps) < 0)
		return;
	k->list = xgrow(k->list, &k->cap, k->n + 1, sizeof(*k->list));
	k->list[k->n++] = key;
}

int
signing_keys_load(struct signing_keys *k, const char *site)
{
	struct loading l = {.keys = k, .site = site};
	*k = (struct signing_keys){.folder = xasprintf("%s/dkim-keys", site)};
	k->looked_ms = clock_mono_ms();
	k->state = each_file(k->folder, load_one, &l);
	int rc = l.ps.errors ? -1 : 0;
	problems_log(&l.ps);
	problems_release(&l.ps);
	if (rc < 0)
		signing_keys_release(k);
	return rc;
}

int
signing_keys_one(
	struct signing_keys *k, const char *domain, const char *selector, const char *path)
{
	struct problems ps = {0};
	struct signing_key key = {.not_before_ms = INT64_MIN,
		.not_after_ms = INT64_MAX,
		.header_canon = DKIM_RELAXED,
		.body_canon = DKIM_RELAXED};
	*k = (struct signing_keys){0};
	int rc = signing_key_read_pem(&key, path, &ps);
	problems_log(&ps);
	problems_release(&ps);
	if (rc < 0) {
		signing_key_release(&key);
		return -1;
	}
	key.domain = domain ? xstrdup(domain) : NULL;
	key.selector = xstrdup(selector);
	k->list = xgrow(NULL, &k->cap, 1, sizeof(*k->list));
	k->list[k->n++] = key;
	return 0;
}

void
signing_keys_refresh(struct signing_keys *k)
{
	struct signing_keys now;
	int64_t ms = clock_mono_ms();
	if (!k->folder || ms - k->looked_ms < LOOK_EVERY_MS)
		return;
	k->looked_ms = ms;
	uint64_t state = each_file(k->folder, NULL, NULL);
	if (state == k->state)
		return;
	k->state = state; /* what is wrong is told once */
	char *site = xmemdup0(k->folder, strlen(k->folder) - strlen("/dkim-keys"));
	if (signing_keys_load(&now, site) == 0) {
		signing_keys_release(k);
		*k = now;
		log_info("the DKIM keys have changed: %zu now", k->n);
	}
	free(site);
}

void
signing_keys_release(struct signing_keys *k)
{
	for (size_t i = 0; i < k->n; i++)
		signing_key_release(&k->list[i]);
	free(k->list);
	free(k->folder);
	*k = (struct signing_keys){0};
}

static bool
serves(const struct signing_key *k, const char *domain, int64_t now_ms)
{
	return (!k->domain || strcasecmp(k->domain, domain) == 0) &&
	       k->not_before_ms <= now_ms && now_ms < k->not_after_ms;
}

static const struct signing_key *
newest(const struct signing_keys *k, const char *domain, int64_t now_ms,
	enum dkim_algorithm algorithm)
{
	const struct signing_key *best = NULL;
	for (size_t i = 0; i < k->n; i++) {
		const struct signing_key *one = &k->list[i];
		if (one->algorithm == algorithm && serves(one, domain, now_ms) &&
			(!best || one->not_before_ms > best->not_before_ms))
			best = one;
	}
	return best;
}

size_t
signing_keys_choose(const struct signing_keys *k, const char *domain, int64_t now_ms,
	const struct signing_key *out[2])
{
	size_t n = 0;
	while (domain && *domain && n == 0) {
		for (enum dkim_algorithm a = DKIM_RSA_SHA256; a <= DKIM_ED25519_SHA256; a++) {
			out[n] = newest(k, domain, now_ms, a);
			n += out[n] != NULL;
		}
		domain = strchr(domain, '.');
		domain = domain ? domain + 1 : NULL;
	}
	return n;
}

const char *
dkim_algorithm_word(enum dkim_algorithm a)
{
	return a == DKIM_RSA_SHA256 ? "rsa-sha256" : "ed25519-sha256";
}

static int
sign_rsa(const struct signing_key *k, const unsigned char *hash, unsigned char *out, size_t *n)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(k->key, NULL);
	bool good = ctx && EVP_PKEY_sign_init(ctx) > 0 &&
		    EVP_PKEY_CTX_set_signature_md(ctx, EVP_sha256()) > 0 &&
		    EVP_PKEY_sign(ctx, out, n, hash, DKIM_HASH_SIZE) > 0;
	EVP_PKEY_CTX_free(ctx);
	return good ? 0 : -1;
}

static int
sign_ed25519(
	const struct signing_key *k, const unsigned char *hash, unsigned char *out, size_t *n)
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	bool good = md && EVP_DigestSignInit(md, NULL, NULL, NULL, k->key) == 1 &&
		    EVP_DigestSign(md, out, n, hash, DKIM_HASH_SIZE) == 1;
	EVP_MD_CTX_free(md);
	return good ? 0 : -1;
}

int
signing_key_sign(
	const struct signing_key *k, const unsigned char hash[DKIM_HASH_SIZE], struct buf *out)
{
	unsigned char octets[DKIM_MAX_BITS / 8];
	size_t n = sizeof(octets);
	struct buf text = {0};
	int rc = k->algorithm == DKIM_RSA_SHA256 ? sign_rsa(k, hash, octets, &n)
						 : sign_ed25519(k, hash, octets, &n);
	if (rc == 0) {
		base64_encode(str_n((const char *)octets, n), &text);
		for (struct str rest = buf_str(&text); rest.n;
			rest = str_skip(rest, LINE_LENGTH)) {
			buf_adds(out,
				str_n(rest.p, rest.n < LINE_LENGTH ? rest.n : LINE_LENGTH));
			if (rest.n > LINE_LENGTH)
				buf_addstr(out, "\r\n\t ");
		}
	}
	buf_release(&text);
	return rc;
}
