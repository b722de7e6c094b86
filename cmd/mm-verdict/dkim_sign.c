#include "base64.h"
#include "crlf_check.h"
#include "dkim_sign.h"

#define FOLD_AT 76

/* Section 5.4.1, and what readers see.  Of these one more is named than there are, so
 * that none can be added (section 8.15). */
static const char *const oversigned[] = {"From", "Reply-To", "Subject", "Date", "To", "Cc",
	"Message-ID", "In-Reply-To", "References", "MIME-Version", "Content-Type",
	"Content-Transfer-Encoding", NULL};
/* These belong to whoever adds them. */
static const char *const signed_if_there[] = {"Sender", "Resent-From", "Resent-To", "Resent-Cc",
	"Resent-Date", "Resent-Message-ID", "List-Id", "List-Help", "List-Unsubscribe",
	"List-Unsubscribe-Post", "List-Subscribe", "List-Post", "List-Owner", "List-Archive",
	NULL};

const char *
dkim_sign_unfit(const struct message *msg)
{
	if (msg->nfields == 0)
		return "there is no header";
	if (msg->stray)
		return "a line in the header is no field";
	if (msg->dropped)
		return "too many header fields";
	return crlf_is_text(msg->octets) ? NULL : "not all lines end in CRLF";
}

struct names {
	struct buf *out;
	size_t column, n;
};

static void
add_name(struct names *l, const char *name)
{
	size_t n = strlen(name);
	if (l->n++)
		buf_addc(l->out, ':');
	if (l->column + n + 2 > FOLD_AT) {
		buf_addstr(l->out, "\r\n\t ");
		l->column = 9;
	}
	buf_addstr(l->out, name);
	l->column += n + 1;
}

static void
add_names(struct names *l, const struct message *msg, const char *const *list, size_t more)
{
	for (; *list; list++)
		for (size_t i = message_count(msg, *list) + more;
			i > 0 && l->n <= DKIM_MAX_NAMES; i--)
			add_name(l, *list);
}

/* ARC signs a message in transit, whose list may add fields: none beyond those there
 * are.  The signatures that the message had are worth keeping together. */
static size_t
add_header_list(struct buf *out, enum dkim_kind kind, const struct message *msg,
	const struct signing_key *k)
{
	static const char *const from[] = {"From", NULL}, *const dkim[] = {
								  "DKIM-Signature", NULL};
	struct names l = {out, 10, 0};
	size_t more = kind == DKIM_SIGNATURE;
	if (k->headers) {
		bool named = false;
		for (char **h = k->headers; *h; h++)
			named |= str_ieq(str_of(*h), STR("From"));
		if (!named)
			add_names(&l, msg, from, more);
		add_names(&l, msg, (const char *const *)k->headers, more);
	} else {
		add_names(&l, msg, oversigned, more);
		add_names(&l, msg, signed_if_there, 0);
	}
	if (kind == ARC_MESSAGE_SIGNATURE)
		add_names(&l, msg, dkim, 0);
	return l.n;
}

static void
add_body_hash(struct buf *out, struct dkim_hash *h, const struct signing_key *k)
{
	unsigned char hash[DKIM_HASH_SIZE];
	(void)dkim_hash_body(h, k->body_canon, false, 0, hash);
	base64_encode(str_n((const char *)hash, sizeof(hash)), out);
}

static void
add_beginning(struct buf *out, enum dkim_kind kind, unsigned instance,
	const struct signing_key *k, int64_t now_s)
{
	if (kind == DKIM_SIGNATURE)
		buf_addstr(out, "DKIM-Signature: v=1;");
	else
		buf_addf(out, "ARC-Message-Signature: i=%u;", instance);
	buf_addf(out, " a=%s; c=%s/%s;\r\n\td=%s; s=%s;\r\n\tt=%lld;",
		dkim_algorithm_word(k->algorithm), dkim_canon_word(k->header_canon),
		dkim_canon_word(k->body_canon), k->domain, k->selector, (long long)now_s);
	if (k->expire_s && kind == DKIM_SIGNATURE) /* a chain must outlast its mail */
		buf_addf(out, " x=%lld;", (long long)(now_s + k->expire_s));
}

void
dkim_sign_view(struct str octets, struct header_field *out)
{
	struct header_walk w;
	header_walk_start(&w, octets);
	(void)header_walk_next(&w, out);
}

const char *
dkim_sign(struct buf *out, enum dkim_kind kind, unsigned instance, struct dkim_hash *h,
	const struct message *msg, const struct signing_key *k, int64_t now_s)
{
	unsigned char hash[DKIM_HASH_SIZE];
	struct header_field own;
	size_t start = out->n, n;
	add_beginning(out, kind, instance, k, now_s);
	buf_addstr(out, "\r\n\th=");
	size_t names = out->n;
	n = add_header_list(out, kind, msg, k);
	struct str list = str_n(out->p + names, out->n - names);
	if (n > DKIM_MAX_NAMES) {
		out->n = start;
		return "too many header fields to sign";
	}
	const struct header_field **fields = dkim_hash_choose(h, list, NULL, &n);
	buf_addstr(out, ";\r\n\tbh=");
	add_body_hash(out, h, k);
	buf_addstr(out, ";\r\n\tb=");
	dkim_sign_view(str_n(out->p + start, out->n - start), &own);
	dkim_hash_fields(h, k->header_canon, fields, n, &own, hash);
	if (signing_key_sign(k, hash, out) < 0) {
		out->n = start;
		return "OpenSSL could not sign";
	}
	buf_addstr(out, "\r\n");
	return NULL;
}
