#include "clock.h"
#include "dsn_part.h"

/* What is said before the recipients of each kind. */
static void
add_preface(struct report *r, enum dsn_action action)
{
	static const char *const prefaces[] = {
		[DSN_FAILED] = "Your message could not be delivered to the following "
			       "recipients.\r\nIt will not be tried again.\r\n",
		[DSN_DELAYED] =
			"THIS IS A WARNING ONLY.  YOU NEED NOT SEND YOUR MESSAGE AGAIN."
			"\r\n\r\n"
			"It could not yet be delivered to the following recipients.\r\n",
		[DSN_RELAYED] = "Your message was passed on for the following recipients, to "
				"systems\r\nthat may not tell you what becomes of it.\r\n",
		[DSN_DELIVERED] = "Your message was delivered to the following recipients.\r\n",
	};
	char date[CLOCK_RFC5322_SIZE];
	buf_addf(&r->out, "\r\n%s", prefaces[action]);
	if (action == DSN_DELAYED)
		buf_addf(&r->out, "It will be tried until %s.\r\n",
			clock_rfc5322(r->d->until, date));
}

static void
add_recipient(struct report *r, const struct dsn_recipient *rcpt)
{
	struct path p;
	if (path_parse(rcpt->rcpt_to, &p) < 0)
		return;
	buf_addstr(&r->out, "\r\n<");
	dsn_text(r, p.address, DSN_ADDRESS_MAX);
	buf_addstr(&r->out, rcpt->action != DSN_FAILED ? ">: the answer was\r\n    "
			    : rcpt->expired
				    ? ">: given up after too many attempts; the last answer was"
				      "\r\n    "
				    : ">: refused\r\n    ");
	dsn_text(r, rcpt->reply, DSN_DIAGNOSTIC_MAX);
	buf_addstr(&r->out, "\r\n");
}

static void
add_recipients(struct report *r, enum dsn_action action)
{
	bool begun = false;
	for (size_t i = 0; i < r->d->n; i++) {
		const struct dsn_recipient *rcpt = &r->d->recipients[i];
		if (rcpt->action != action || !dsn_wanted(rcpt->rcpt_to, action))
			continue;
		if (!begun)
			add_preface(r, action);
		begun = true;
		add_recipient(r, rcpt);
	}
}

void
dsn_explanation(struct report *r)
{
	dsn_part(r, "text/plain; charset=utf-8", "8bit");
	buf_addf(&r->out, "This is the mail gateway at %s.\r\n", r->d->hostname);
	for (int action = DSN_FAILED; action <= DSN_DELIVERED; action++)
		add_recipients(r, (enum dsn_action)action);
}
