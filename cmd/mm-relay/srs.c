#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>

#include "base64.h"
#include "io.h"
#include "log.h"
#include "mem.h"
#include "site.h"
#include "srs.h"

#define HASH_LENGTH 4
#define DAY_MS 86400000
#define SECRET_MAX 4096
#define MAX_AGE_DAYS 21 /* as postsrsd has it */
#define DAYS 1024       /* after which the stamp comes round */

/* The first line of a plain file, or "password" of a JSON one. */
static char *
read_secret(const char *path)
{
	struct buf text = {0};
	char *secret = NULL;
	if (str_ends(str_of(path), STR(".json"))) {
		struct problems ps = {0};
		struct json_doc doc;
		if (json_doc_load(&doc, path, &ps) == 0) {
			struct str password = json_str(doc.root, "password");
			secret = password.p ? str_dup(password) : NULL;
			json_doc_release(&doc);
		}
		problems_log(&ps);
		problems_release(&ps);
	} else if (io_read_file(path, &text, SECRET_MAX) == 0) {
		struct str rest = buf_str(&text);
		secret = str_dup(str_trim(str_cut(&rest, '\n')));
	}
	buf_release(&text);
	if (secret && *secret)
		return secret;
	free(secret);
	return NULL;
}

int
srs_load(struct srs *s, const char *site)
{
	*s = (struct srs){0};
	char *path = site_find(site, SITE_SECRET, STR("srs"));
	s->secret = path ? read_secret(path) : NULL;
	free(path);
	if (!s->secret) {
		log_error("to replace MAIL FROM a secret is needed: write a line of random "
			  "text to %s/secrets/srs",
			site);
		return -1;
	}
	s->domain = site_setting(site, "SrsDomain");
	if (!s->domain)
		s->domain = site_hostname(site);
	return 0;
}

void
srs_release(struct srs *s)
{
	free(s->secret);
	free(s->domain);
	*s = (struct srs){0};
}

/* HMAC-SHA1 in base64, cut; letter case of the address does not count. */
static void
add_hash(const struct srs *s, struct str data, struct buf *out)
{
	unsigned char mac[EVP_MAX_MD_SIZE];
	unsigned len = 0;
	struct buf lower = {0}, text = {0};
	for (size_t i = 0; i < data.n; i++)
		buf_addc(&lower, ascii_lower(data.p[i]));
	HMAC(EVP_sha1(), s->secret, (int)strlen(s->secret), (unsigned char *)lower.p, lower.n,
		mac, &len);
	base64_encode(str_n((char *)mac, len), &text);
	buf_add(out, text.p, HASH_LENGTH);
	buf_release(&text);
	buf_release(&lower);
}

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/* Days since 1970 modulo 1024, in two digits of base 32. */
static void
add_stamp(int64_t now_ms, struct buf *out)
{
	unsigned day = (unsigned)(now_ms / DAY_MS) & (DAYS - 1);
	buf_addc(out, digits[day >> 5]);
	buf_addc(out, digits[day & 31]);
}

static void
first_forward(const struct srs *s, struct str local, struct str domain, int64_t now_ms,
	struct buf *out)
{
	struct buf stamp = {0}, data = {0};
	add_stamp(now_ms, &stamp);
	buf_adds(&data, buf_str(&stamp));
	buf_adds(&data, domain);
	buf_adds(&data, local);
	buf_addstr(out, "SRS0=");
	add_hash(s, buf_str(&data), out);
	buf_addf(out, "=%.*s=%.*s=%.*s", STR_ARG(buf_str(&stamp)), STR_ARG(domain),
		STR_ARG(local));
	buf_release(&stamp);
	buf_release(&data);
}

/* An SRS0 address of another forwarder (host) becomes SRS1: bounces go by us to
 * that forwarder, who knows the way on. */
static void
further_forward(const struct srs *s, struct str host, struct str rest, struct buf *out)
{
	struct buf data = {0};
	buf_adds(&data, host);
	buf_adds(&data, rest);
	buf_addstr(out, "SRS1=");
	add_hash(s, buf_str(&data), out);
	buf_addf(out, "=%.*s=%.*s", STR_ARG(host), STR_ARG(rest));
	buf_release(&data);
}

static bool
is_srs(struct str local, char digit)
{
	return local.n > 5 && str_istarts(local, STR("SRS")) && local.p[3] == digit &&
	       strchr("=+-", local.p[4]);
}

static void
rewrite(const struct srs *s, struct str local, struct str domain, int64_t now_ms,
	struct buf *out)
{
	if (is_srs(local, '0')) {
		further_forward(s, domain, str_skip(local, 4), out);
		return;
	}
	if (is_srs(local, '1')) {
		/* SRS1=HASH=HOST=REST: the host stays, the hash becomes ours. */
		struct str rest = str_skip(local, 5);
		(void)str_cut(&rest, '=');
		struct str host = rest.p ? str_cut(&rest, '=') : STR_NONE;
		if (host.p && rest.p) {
			further_forward(s, host, rest, out);
			return;
		}
	}
	first_forward(s, local, domain, now_ms, out);
}

struct split {
	struct str local, domain; /* what was quoted without its quotes */
	bool quoted;
};

static struct split
split(struct str address)
{
	const char *at = memrchr(address.p, '@', address.n);
	struct split x = {.local = str_n(address.p, at ? (size_t)(at - address.p) : address.n)};
	x.domain = at ? str_skip(address, x.local.n + 1) : STR_NONE;
	x.quoted = x.local.n >= 2 && x.local.p[0] == '"';
	if (x.quoted)
		x.local = str_n(x.local.p + 1, x.local.n - 2);
	return x;
}

void
srs_forward(const struct srs *s, struct str address, int64_t now_ms, struct buf *out)
{
	struct split x = split(address);
	if (!x.domain.p || str_ieq(x.domain, str_of(s->domain))) {
		buf_adds(out, address);
		return;
	}
	/* What was quoted needs it still, all of it. */
	buf_addstr(out, x.quoted ? "\"" : "");
	rewrite(s, x.local, x.domain, now_ms, out);
	buf_addf(out, "%s@%s", x.quoted ? "\"" : "", s->domain);
}

/* Servers on the way may have changed the case of letters. */
static bool
hash_fits(const struct srs *s, struct str hash, struct buf *data)
{
	struct buf ours = {0};
	add_hash(s, buf_str(data), &ours);
	bool same = str_ieq(buf_str(&ours), hash);
	buf_release(&ours);
	buf_release(data);
	return same;
}

static int
digit(char c)
{
	char upper = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
	const char *at = upper ? strchr(digits, upper) : NULL;
	return at ? (int)(at - digits) : -1;
}

static bool
in_time(struct str stamp, int64_t now_ms)
{
	int high = stamp.n == 2 ? digit(stamp.p[0]) : -1;
	int low = stamp.n == 2 ? digit(stamp.p[1]) : -1;
	if (high < 0 || low < 0)
		return false;
	unsigned today = (unsigned)(now_ms / DAY_MS) & (DAYS - 1);
	unsigned then = (unsigned)high << 5 | (unsigned)low;
	return ((today - then) & (DAYS - 1)) <= MAX_AGE_DAYS;
}

static enum srs_result
reverse_first(const struct srs *s, const struct split *x, int64_t now_ms, struct buf *out)
{
	struct buf data = {0};
	struct str local = str_skip(x->local, 5), hash = str_cut(&local, '=');
	struct str stamp = str_cut(&local, '='), domain = str_cut(&local, '=');
	if (!local.p || domain.n == 0)
		return SRS_FORGED;
	buf_adds(&data, stamp);
	buf_adds(&data, domain);
	buf_adds(&data, local);
	if (!hash_fits(s, hash, &data))
		return SRS_FORGED;
	if (!in_time(stamp, now_ms))
		return SRS_EXPIRED;
	const char *quote = x->quoted ? "\"" : "";
	buf_addf(out, "%s%.*s%s@%.*s", quote, STR_ARG(local), quote, STR_ARG(domain));
	return SRS_REVERSED;
}

static enum srs_result
reverse_further(const struct srs *s, const struct split *x, struct buf *out)
{
	struct buf data = {0};
	struct str rest = str_skip(x->local, 5), hash = str_cut(&rest, '=');
	struct str host = str_cut(&rest, '=');
	if (!rest.p || host.n == 0 || rest.n == 0 || !strchr("=+-", rest.p[0]))
		return SRS_FORGED;
	buf_adds(&data, host);
	buf_adds(&data, rest);
	if (!hash_fits(s, hash, &data))
		return SRS_FORGED;
	const char *quote = x->quoted ? "\"" : "";
	buf_addf(out, "%sSRS0%.*s%s@%.*s", quote, STR_ARG(rest), quote, STR_ARG(host));
	return SRS_REVERSED;
}

enum srs_result
srs_reverse(const struct srs *s, struct str address, int64_t now_ms, struct buf *out)
{
	struct split x = split(address);
	if (!x.domain.p || !str_ieq(x.domain, str_of(s->domain)))
		return SRS_OTHER;
	if (is_srs(x.local, '0'))
		return reverse_first(s, &x, now_ms, out);
	return is_srs(x.local, '1') ? reverse_further(s, &x, out) : SRS_OTHER;
}
