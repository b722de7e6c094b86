#include <crypt.h>
#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "credentials.h"
#include "io.h"
#include "log.h"
#include "mem.h"
#include "site.h"

#define CREDENTIALS_MAX (16 << 20)

void
secret_copy(struct secret *to, const struct secret *from)
{
	*to = *from;
	to->text = from->text ? xstrdup(from->text) : NULL;
}

void
secret_wipe(struct secret *s)
{
	if (s->text)
		explicit_bzero(s->text, strlen(s->text));
	free(s->text);
	OPENSSL_cleanse(s, sizeof(*s));
}

static bool
hash_matches(const char *hash, const char *password)
{
	struct crypt_data *data = xcalloc(1, sizeof(*data));
	const char *got = crypt_r(password, hash, data);
	size_t n = strlen(hash);
	bool same =
		got && got[0] != '*' && strlen(got) == n && CRYPTO_memcmp(got, hash, n) == 0;
	explicit_bzero(data, sizeof(*data));
	free(data);
	return same;
}

/* Digests have one length, so that neither it nor a common prefix shows. */
static bool
password_matches(const char *expected, const char *password)
{
	unsigned char a[SHA256_DIGEST_LENGTH], b[SHA256_DIGEST_LENGTH];
	SHA256((const unsigned char *)expected, strlen(expected), a);
	SHA256((const unsigned char *)password, strlen(password), b);
	return CRYPTO_memcmp(a, b, sizeof(a)) == 0;
}

bool
secret_matches(const struct secret *s, const char *password)
{
	if (!s->text)
		return scram_keys_match(&s->scram, str_of(password));
	return s->hashed ? hash_matches(s->text, password)
			 : password_matches(s->text, password);
}

char *
secret_hash(const char *password)
{
	char setting[CRYPT_GENSALT_OUTPUT_SIZE];
	struct crypt_data *data = xcalloc(1, sizeof(*data));
	char *hash = NULL;
	if (crypt_gensalt_rn(NULL, 0, NULL, 0, setting, sizeof(setting))) {
		const char *got = crypt_r(password, setting, data);
		hash = got && got[0] != '*' ? xstrdup(got) : NULL;
	}
	explicit_bzero(data, sizeof(*data));
	free(data);
	return hash;
}

static struct secret *
add(struct credentials *c, struct str user)
{
	c->list = xgrow(c->list, &c->cap, c->n + 1, sizeof(*c->list));
	c->list[c->n] = (struct credential){.user = str_dup(user)};
	return &c->list[c->n++].secret;
}

static int
add_scram(struct credentials *c, struct str user, struct str text)
{
	struct scram_keys *k = &add(c, user)->scram;
	c->nscram++;
	return scram_keys_parse(k, text);
}

static int
add_hash(struct credentials *c, struct str user, struct str hash)
{
	struct secret *s = add(c, user);
	s->text = str_dup(hash);
	s->hashed = true;
	return s->text[0] == '$' && crypt_checksalt(s->text) != CRYPT_SALT_INVALID ? 0 : -1;
}

/* SCRAM must not let in whom PLAIN would not: with a password that is empty. */
static int
add_password(struct credentials *c, struct str user, struct str password)
{
	struct secret *s = add(c, user);
	s->text = str_dup(password);
	if (password.n == 0 || !scram_text_fine(user) || !scram_text_fine(password))
		return 0;
	c->nscram++;
	if (scram_keys_of_user(&s->scram, user, password) == 0)
		return 0;
	log_error("cannot make SCRAM keys: OpenSSL has no PBKDF2 with SHA-256");
	return -1;
}

static int
take_line(struct credentials *c, const char *path, int number, struct str line)
{
	struct str hash = str_trim(line);
	bool scram = false;
	if (hash.n == 0 || hash.p[0] == '#')
		return 0;
	struct str user = str_cut(&hash, ':');
	if (hash.p && user.n) {
		scram = str_starts(hash, STR("SCRAM-"));
		if ((scram ? add_scram(c, user, hash) : add_hash(c, user, hash)) == 0)
			return 0;
	}
	if (scram)
		log_error("%s:%d: expected USER:SCRAM-SHA-256$ITERATIONS:SALT$STOREDKEY:"
			  "SERVERKEY with %d to %d iterations",
			path, number, SCRAM_ITERATIONS_MIN, SCRAM_ITERATIONS_MAX);
	else
		log_error(
			"%s:%d: expected USER:HASH as mm-smtpd passwd prints it", path, number);
	return -1;
}

static void
warn_if_readable(const char *path)
{
	struct stat st;
	if (stat(path, &st) == 0 && (st.st_mode & (S_IRGRP | S_IROTH | S_IWGRP | S_IWOTH)))
		log_warn("%s: readable by others; expected mode 0600", path);
}

static int
load_lines(struct credentials *c, const char *path)
{
	struct buf text = {0};
	int rc = 0, number = 0;
	if (io_read_file(path, &text, CREDENTIALS_MAX) < 0) {
		log_error("cannot read the credentials %s: %s", path, strerror(errno));
		return -1;
	}
	warn_if_readable(path);
	for (struct str rest = buf_str(&text); rest.p;)
		if (take_line(c, path, ++number, str_cut(&rest, '\n')) < 0)
			rc = -1;
	if (text.p)
		explicit_bzero(text.p, text.cap);
	buf_release(&text);
	return rc;
}

/* The user name of an ingress point with one password is its id, as in Mail
 * Manager, or its name. */
static int
add_for_ingress(struct credentials *c, const struct ingress *in, struct str password)
{
	int rc = add_password(c, str_of(in->id), password);
	if (rc == 0 && strcmp(in->id, in->name) != 0)
		rc = add_password(c, str_of(in->name), password);
	return rc;
}

static int
add_for(struct credentials *c, const struct ingress *in, struct str user, struct str password)
{
	if (!password.p)
		return 0;
	return user.p ? add_password(c, user, password) : add_for_ingress(c, in, password);
}

static int
load_json(struct credentials *c, const struct config *cfg)
{
	struct problems ps = {0};
	struct json_doc doc;
	int rc = site_load(&doc, cfg->site, SITE_SECRET, str_of(cfg->ingress.secret), &ps);
	if (rc == 0) {
		struct str user = json_str(doc.root, "username"),
			   password = json_str(doc.root, "password"),
			   previous = json_str(doc.root, "previous-password");
		if (!password.p) {
			log_error("%s: expected a member \"password\"", doc.file);
			rc = -1;
		} else if (add_for(c, &cfg->ingress, user, previous) < 0 ||
			   add_for(c, &cfg->ingress, user, password) < 0) {
			rc = -1;
		}
		warn_if_readable(doc.file);
		json_doc_release(&doc);
	}
	problems_log(&ps);
	problems_release(&ps);
	return rc;
}

static int
load_secret(struct credentials *c, const struct config *cfg)
{
	struct str secret = str_of(cfg->ingress.secret), name = site_reference_name(secret);
	char *path = site_find(cfg->site, SITE_SECRET, secret);
	if (!path) {
		log_error("%s/secrets: there is no secret \"%s\"; expected %.*s.json, or %.*s "
			  "with "
			  "lines of mm-smtpd passwd",
			cfg->site, cfg->ingress.secret, STR_ARG(name), STR_ARG(name));
		return -1;
	}
	bool json = str_ends(str_of(path), STR(".json"));
	int rc = json ? load_json(c, cfg) : load_lines(c, path);
	free(path);
	return rc;
}

int
credentials_load(struct credentials *c, const struct config *cfg)
{
	int rc = 0;
	*c = (struct credentials){0};
	if (cfg->credentials)
		rc = load_lines(c, cfg->credentials);
	else if (cfg->ingress.secret)
		rc = load_secret(c, cfg);
	else if (cfg->ingress.password)
		rc = add_for_ingress(c, &cfg->ingress, str_of(cfg->ingress.password));
	if (rc < 0)
		credentials_release(c);
	return rc;
}

static const struct scram_keys *
last_keys(const struct credentials *c, const char *user)
{
	for (size_t i = c->n; i-- > 0;)
		if (c->list[i].secret.scram.iterations && strcmp(c->list[i].user, user) == 0)
			return &c->list[i].secret.scram;
	return NULL;
}

/* One of those that exist, the same for the same number. */
static const struct scram_keys *
some_keys(const struct credentials *c, uint64_t number)
{
	size_t left = c->nscram ? number % c->nscram : 0;
	for (size_t i = 0; i < c->n; i++)
		if (c->list[i].secret.scram.iterations && left-- == 0)
			return &c->list[i].secret.scram;
	return NULL;
}

/* Salt and iterations look like those of others, and stay the same. */
static bool
make_decoy(const struct credentials *c, const char *user, struct scram_secret *out)
{
	unsigned char salt[SCRAM_SALT_MAX];
	uint64_t number;
	if (scram_salt_of_user(str_of(user), salt) < 0)
		return false;
	memcpy(&number, salt + sizeof(salt) - sizeof(number), sizeof(number));
	const struct scram_keys *like = some_keys(c, number);
	*out = (struct scram_secret){.n = 1, .decoy = true};
	struct scram_keys *k = &out->keys[0];
	k->iterations = like ? like->iterations : SCRAM_ITERATIONS_MIN;
	k->salt_len = like ? like->salt_len : SCRAM_SALT_SIZE;
	memcpy(k->salt, salt, k->salt_len);
	return true;
}

/* The decoy is made in any case, so that the time does not tell. */
bool
credentials_scram(const struct credentials *c, const char *user, struct scram_secret *out)
{
	if (!make_decoy(c, user, out))
		return false;
	const struct scram_keys *last = last_keys(c, user);
	if (!last)
		return true;
	*out = (struct scram_secret){0};
	for (size_t i = c->n; i-- > 0 && out->n < SCRAM_KEYS_MAX;) {
		const struct scram_keys *k = &c->list[i].secret.scram;
		if (k->iterations && strcmp(c->list[i].user, user) == 0 &&
			scram_keys_same_salt(k, last))
			out->keys[out->n++] = *k;
	}
	return true;
}

void
credentials_release(struct credentials *c)
{
	for (size_t i = 0; i < c->n; i++) {
		free(c->list[i].user);
		secret_wipe(&c->list[i].secret);
	}
	free(c->list);
	*c = (struct credentials){0};
}
