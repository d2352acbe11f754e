package main

import "atrium/queries"

// single and multiple are questions of the demo; the first answers are the right ones, as many as right says.
func single(text, explanation string, options ...string) queries.QuestionDraft {
	return choice(queries.QuestionKindSingle, text, explanation, 1, options)
}

func multiple(text, explanation string, right int, options ...string) queries.QuestionDraft {
	return choice(queries.QuestionKindMultiple, text, explanation, right, options)
}

func choice(kind queries.QuestionKind, text, explanation string, right int, options []string) queries.QuestionDraft {
	d := queries.QuestionDraft{Kind: kind, Text: text, Explanation: explanation}
	for i := range options {
		at := (i + len(text)) % len(options) // the right ones do not always stand first
		d.Options = append(d.Options, queries.QuizOption{Key: string(rune('a' + i)), Text: options[at], Right: at < right})
	}
	return d
}

var demoCourses = map[string][]demoCourse{
	"acme":  {leadCalmly, weekThatWorks, hardConversations, inboxThatEnds},
	"lumen": {smallRooms},
}

var leadCalmly = demoCourse{
	CourseDraft: queries.CourseDraft{Title: "Lead without burning out", Certificate: true, Signer: "Maya Lindqvist, Acme Coaching",
		Summary: "For people who lead a team and end most days tired. In three weeks you find out **what only you can do**, hand over the rest, and build a rhythm that holds when it gets busy.\n\nPlan two to three hours a week. Each lesson ends with one thing to do before the next."},
	days: 27,
	modules: []demoModule{
		{"Week 1: See where you are", 0, []demoLesson{
			{title: "Welcome, and how this works", minutes: 6, video: "https://www.youtube.com/watch?v=aqz-KE-bpKQ",
				body: "Good to have you here. This course is short on purpose: eleven lessons, most of them under a quarter of an hour.\n\n# How to get the most out of it\n\n- **One lesson at a time.** Do the task at the end before you open the next one.\n- **Write by hand.** Keep one notebook for the whole course.\n- **Tell one person** at work that you are doing this. They will ask how it goes, and that helps.\n\nThe next week opens seven days after you began. If you are ahead, rest. That counts as practice."},
			{title: "The energy diary", minutes: 12, film: demoFile{"Energy diary.mp4", "video/mp4", energyDiary}, files: []demoFile{{"Energy diary.pdf", "application/pdf", energySheet}},
				body: "For the next three days, set an alarm for 11, 15 and 18 o'clock. When it rings, write down two things:\n\n1. What have I just been doing?\n2. On a scale from 1 to 10, how much energy do I have?\n\nDo not change anything yet. You are only looking.\n\n> Most people guess wrong about what drains them. It is rarely the long meeting. It is the twelve small interruptions around it.\n\n**Before the next lesson:** nine entries, three a day."},
			{title: "Read your diary", minutes: 10,
				body: "Lay the nine entries side by side and mark everything below 4 and everything above 7.\n\n| If you find | it often means |\n| --- | --- |\n| low numbers after switching between tasks | your day is cut into pieces that are too small |\n| low numbers in the afternoon only | you spend the morning on other people's urgencies |\n| high numbers with one person or topic | this is work worth protecting |\n\nChoose **one** low point that comes back. We work with that one, and leave the others alone."},
			{title: "What only you can do", minutes: 15, video: "https://vimeo.com/1084537",
				body: "Draw a line down the middle of a page. On the left, write what happened this week *because of you* and would not have happened otherwise. On the right, everything that somebody else could have done at eighty per cent of your quality.\n\nThe left side is your job. The right side is a habit.\n\n**Before the next lesson:** circle three things on the right that you will not do next week."},
		}},
		{"Week 2: Hand over well", 7, []demoLesson{
			{title: "Five levels of handing over", minutes: 14,
				body: "Handing over goes wrong when two people mean different things by it. Say which level you mean:\n\n1. **Look into it** and tell me what you find.\n2. **Suggest** what we should do; I decide.\n3. **Decide, and tell me** before you act.\n4. **Act, and tell me** afterwards.\n5. **Act.** I do not need to hear of it.\n\nMost leaders say four and behave like two. Your team notices.\n\n**Before the next lesson:** take the three things you circled and write a level beside each."},
			{title: "The ten-minute briefing", minutes: 11,
				body: "A good briefing answers four questions, in this order:\n\n- What will be different when it is done?\n- By when, and what happens if it is late?\n- What have you tried already?\n- At which level do you hand it over?\n\nLeave out *how*. If you explain how, you have not handed it over; you have borrowed a pair of hands.\n\nAt the end, ask: **\"What will you do first?\"** The answer tells you whether you were understood."},
			{title: "When it comes back to you", minutes: 9,
				body: "It will come back. Somebody stands at your desk and says: *\"I am stuck, can you have a quick look?\"*\n\nThree sentences that keep it where it belongs:\n\n- \"What are the two ways you see?\"\n- \"Which one would you take if I were on holiday?\"\n- \"Good. Try that, and tell me on Thursday how it went.\"\n\nIf you take it back now, you have taught them that it works."},
			{title: "Check: handing over", minutes: 8,
				body: "Five questions about this week. You have passed with four of them right, and you can try as often as you like.",
				quiz: []queries.QuestionDraft{
					single("You say “decide, and tell me before you act”. Which level is that?", "Three: the decision is theirs, and you hear of it in time to object.", "Level three", "Level two", "Level four", "Level five"),
					single("What do you leave out of a good briefing?", "Whoever is told how to do it has not been handed anything.", "How to do it", "By when it has to be done", "What will be different afterwards", "What you have tried already"),
					multiple("A colleague is stuck and asks you to have a quick look. Which answers keep the task with them?", "Both ask for their judgement. The others take the task back, politely or not.", 2,
						"“What are the two ways you see?”", "“Which one would you take if I were on holiday?”", "“Leave it here, I will do it tonight.”", "“Give it to Samir, he is faster.”"),
					{Kind: queries.QuestionKindText, Text: "How many minutes does the briefing take, at most? Answer with a number.", Answers: []string{"10", "ten", "10 minutes", "ten minutes"}, Explanation: "Ten. If it takes longer, the task is two tasks."},
					single("Your team notices a difference between the level you say and …", "Behaviour wins over words every time.", "the level you behave like", "the level you write down", "the level others use"),
				}},
		}},
		{"Week 3: A rhythm that holds", 14, []demoLesson{
			{title: "Two fixed hours", minutes: 12,
				body: "You do not need a free day. You need two hours a week that nobody can move, at the same time, for the left side of your page.\n\n- Put them in the calendar as a meeting with a name, such as *Strategy with Anna*.\n- Take them in the morning, before the first conversation.\n- If one falls out, move it within the same week. Never skip.\n\nAfter three weeks people stop asking for that slot. It takes exactly that long."},
			{title: "The Friday question", minutes: 7,
				body: "Every Friday, before you close the laptop, answer one question in one sentence:\n\n> What did I do this week that nobody else could have done?\n\nIf you have no answer two weeks in a row, go back to *What only you can do* and circle three new things.\n\nKeep the sentences. In December you will have fifty of them, and they make the best review you have ever written."},
			{title: "What you take with you", minutes: 10,
				body: "You have done the diary, the page with two sides, three hand-overs and your first two fixed hours. That is more than most leaders do in a year.\n\n**For the next ninety days, keep only these three:**\n\n1. Two fixed hours a week.\n2. A level with every task you hand over.\n3. The Friday question.\n\nEverything else may come and go. Write to us after ninety days and tell us how it went; we read every letter."},
		}},
	},
	enrolment: []demoEnrolment{
		{"ana@example.com", 20, 0, 6, 1}, {"olumide@example.org", 26, 0, 11, 3}, {"chiara.rinaldi@example.net", 25, 0, 11, 2}, {"henrik@example.com", 25, 0, 9, 1},
		{"mateusz@example.net", 23, 0, 4, 15}, {"leila@example.com", 24, 0, 11, 6}, {"mai.nguyen@example.com", 22, 0, 5, 4}, {"kenji.watanabe@example.org", 17, 0, 7, 2},
		{"noa.levi@example.com", 15, 0, 4, 6}, {"gabriela.montserrat@example.org", 14, 60, 2, 12}, {"lukas.meier@example.net", 13, -2, 3, 4}, {"zanele@example.org", 12, 0, 4, 5},
		{"rafael@ortega.example", 8, 0, 3, 1}, {"youssef@example.net", 6, 0, 1, 2}, {"ingrid@example.org", 5, 0, 0, 0}, {"sofia.p@example.org", -6, 0, 0, 0},
	},
}

var weekThatWorks = demoCourse{
	CourseDraft: queries.CourseDraft{Title: "A week that works", Clock: queries.DripClockFirstOpen, InOrder: true, Certificate: true,
		Summary: "Plan a week in twenty minutes, and still recognise it on Friday. Ten short lessons, one after the other, for people whose calendar is filled by others."},
	days: 18,
	modules: []demoModule{
		{"Look at the week you have", 0, []demoLesson{
			{title: "Why plans break on Tuesday", minutes: 5, body: "A plan that leaves no room for the unexpected is a wish. Count back through your last five working days: how many hours went to things you did not know about on Monday?\n\nFor most people it is between **eight and twelve**. That is not bad luck. It is the size of the gap your plan needs."},
			{title: "Collect everything once", minutes: 12, body: "Take one sheet and write down every promise you have made, to others and to yourself. Mail, chat, head, jacket pockets.\n\nDo not sort. Do not answer anything. When nothing new has come for two minutes, you are done.\n\nThe sheet will look frightening. It was just as long before; now you can see it."},
			{title: "Three piles", minutes: 10, body: "Go through the sheet with three marks:\n\n- **!** has a date this week\n- **?** somebody waits for me\n- **–** nobody would notice\n\nCross out half of the last pile. You know which half."},
		}},
		{"Build the week", 0, []demoLesson{
			{title: "Anchors first", minutes: 8, body: "Before you plan any work, put in what carries you: sleep, lunch, movement, the two people you want to see. These are anchors. Everything else moves around them.\n\nIf that feels backwards, look at your last month and ask which of the two you would rather have kept."},
			{title: "Blocks of ninety minutes", minutes: 11, video: "https://www.youtube.com/watch?v=aqz-KE-bpKQ", body: "Concentration comes in waves of about ninety minutes. Plan in blocks of that size, and no more than three a day.\n\nGive each block **one** outcome, written as a finished sentence: *\"The offer to Lumen is sent.\"* Not *\"Offer\"*."},
			{title: "The gap", minutes: 6, body: "Take the number from the first lesson and leave that many hours empty. Put them in the afternoon, where surprises land anyway.\n\nAn empty hour that stays empty is not wasted. Use it for the next block, or go home."},
			{title: "Saying no in one sentence", minutes: 9, body: "Three that work, and that nobody has ever been offended by:\n\n1. \"I can do that on Thursday. Does that still help you?\"\n2. \"If I take this, the report will be a day late. Which would you rather have?\"\n3. \"Thank you for asking me. Not this month.\"\n\nNotice that none of them has the word *unfortunately* in it."},
		}},
		{"Keep it", 3, []demoLesson{
			{title: "Twenty minutes on Friday", minutes: 8, body: "Same place, same drink, twenty minutes:\n\n- 5 minutes: what is finished? Cross it out.\n- 5 minutes: what is new? Add it to the sheet.\n- 10 minutes: anchors, blocks, gap for next week.\n\nPeople who do this on Monday morning plan *under* the week. On Friday you plan *above* it."},
			{title: "When it falls apart anyway", minutes: 7, body: "It will. A child is ill, a server is down, a client has an idea.\n\nOn such a day ask only one question: **which single block would I regret not having done?** Do that one, let the rest go, and plan again tomorrow at nine. A plan that is broken for a day is still a plan."},
			{title: "Check: your week", minutes: 6, pass: 100, tries: 5, body: "Three questions. All of them have to be right; there are five tries.",
				quiz: []queries.QuestionDraft{
					single("What goes into the week first?", "Anchors: what carries you.", "Sleep, lunch, movement and people", "The blocks of ninety minutes", "Whatever has a date this week"),
					single("How large is the gap?", "As many hours as surprises took last week.", "As large as last week's surprises", "One hour a day", "There is none if one plans well"),
					multiple("Which of these are outcomes, as a block needs one?", "An outcome can be finished. “Offer” and “Mails” never are.", 2, "“The offer to Lumen is sent.”", "“The three invoices are paid.”", "“Offer”", "“Mails”"),
				}},
		}},
	},
	enrolment: []demoEnrolment{
		{"ana@example.com", 9, 0, 2, 3}, {"olumide@example.org", 17, 0, 10, 4}, {"henrik@example.com", 15, 0, 6, 2}, {"leila@example.com", 16, 0, 10, 8}, {"kenji.watanabe@example.org", 14, 0, 3, 9},
		{"zanele@example.org", 11, 0, 5, 1}, {"wei.zhang@example.org", 8, 0, 8, 1}, {"aroha.ngata@example.net", 4, 30, 1, 2}, {"hana.novakova@example.net", 2, 0, 0, 0},
	},
}

var hardConversations = demoCourse{
	CourseDraft: queries.CourseDraft{Title: "Difficult conversations", Summary: "How to say what has to be said, and still work together afterwards. We are writing this one for the spring."},
	modules: []demoModule{
		{"Before you speak", 0, []demoLesson{
			{title: "What is it really about?", minutes: 9, body: "Every difficult conversation is three at once: what happened, how each of us feels about it, and what it says about who we are. Only the first one is usually spoken.\n\nWrite one line for each before you open the door."},
			{title: "Choose the room", minutes: 5, body: "Side by side is easier than face to face. Walking is easier than sitting. A corner of the canteen is never private, however empty it looks.", draft: true},
		}},
		{"In the conversation", 0, []demoLesson{
			{title: "The first sentence", draft: true}, {title: "When the other one cries", draft: true}, {title: "Ending it well", draft: true},
		}},
	},
}
