#include <stdlib.h>
#include <unistd.h>

#include "io.h"
#include "mem.h"
#include "policy.h"
#include "source.h"
#include "tap.h"

static char path[] = "/tmp/mm-decide-XXXXXX.json";

#define TO(word) \
	"{\"StringExpression\":{\"Evaluate\":{\"Attribute\":\"RECIPIENT\"},\"Operator\":" \
	"\"CONTAINS\",\"Values\":[\"" word "\"]}}"
#define STATEMENT(action, conditions) \
	"{\"Action\":\"" action "\",\"Conditions\":[" conditions "]}"

static void
write_policy(const char *statements, const char *otherwise)
{
	char *text = xasprintf("{\"TrafficPolicyName\":\"test\",\"DefaultAction\":\"%s\","
			       "\"PolicyStatements\":[%s]}",
		otherwise, statements);
	ok(io_write_file(path, text, strlen(text), 0600) == 0, "%s, else %s", statements,
		otherwise);
	free(text);
}

/* statement < 0: by default */
static void
decides(const struct policy *p, const char *rcpt, bool allow, int statement)
{
	struct record *r = record_new();
	struct facts f = {0};
	facts_begin(&f, r, NULL);
	facts_set_recipient(&f, str_of(rcpt));
	struct decision d = policy_decide(p, &f);
	ok(d.allow == allow && d.by_default == (statement < 0) &&
			(statement < 0 || d.statement == (size_t)statement),
		"%s: %s by %d", rcpt, allow ? "allowed" : "denied", statement);
	facts_release(&f);
	record_free(r);
}

static struct policy *
load(void)
{
	struct problems ps = {0};
	struct policy *p = policy_load("/nonexistent", path, false, &ps);
	problems_print(&ps, stdout);
	problems_release(&ps);
	return p;
}

static void
order(void)
{
	write_policy(STATEMENT("ALLOW", TO("a")) "," STATEMENT("DENY", TO("b")) "," STATEMENT(
			     "ALLOW", TO("c") "," TO("d")) "," STATEMENT("DENY",
			     TO("e") "," TO("a")),
		"DENY");
	struct policy *p = load();
	decides(p, "<a@x>", true, 0);
	decides(p, "<ab@x>", false, 1);
	decides(p, "<c@x>", false, -1);
	decides(p, "<cd@x>", true, 2);
	decides(p, "<ae@x>", false, 3);
	decides(p, "<aeb@x>", false, 1);
	decides(p, "<e@x>", false, -1);
	policy_free(p);
	write_policy("", "ALLOW");
	p = load();
	decides(p, "<a@x>", true, -1);
	is_int((long long)p->max_size, 0, "no limit");
	policy_free(p);
}

static void
reload(void)
{
	struct policy_source s;
	struct problems ps = {0};
	write_policy("", "ALLOW");
	is_int(policy_source_open(&s, "/nonexistent", path, &ps), 0, "opened");
	write_policy("", "DENY");
	ok(policy_source_current(&s)->default_allow, "not looked at within the second");
	s.checked_ms -= 1000;
	ok(!policy_source_current(&s)->default_allow, "then read again");
	unlink(path);
	s.checked_ms -= 1000;
	ok(!policy_source_current(&s)->default_allow, "gone: the old one stays");
	policy_source_release(&s);
}

int
main(void)
{
	int fd = mkstemps(path, 5);
	close(fd);
	order();
	reload();
	unlink(path);
	return done();
}
