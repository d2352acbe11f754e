-- name: QuestionList :many
-- The questions of a lesson's quiz with what is right, in order.
SELECT id, kind, text, options, answers, explanation FROM quiz_question
WHERE account_id = @account_id AND lesson_id = @lesson_id ORDER BY position, id;

-- name: QuestionByID :one
SELECT q.id, q.kind, q.text, q.options, q.answers, q.explanation, l.title AS lesson_title, k.title AS course_title
FROM quiz_question q JOIN lesson l ON l.account_id = q.account_id AND l.id = q.lesson_id AND l.deleted_at IS NULL
JOIN course k ON k.account_id = l.account_id AND k.id = l.course_id AND k.deleted_at IS NULL
WHERE q.account_id = @account_id AND l.course_id = @course_id AND q.lesson_id = @lesson_id AND q.id = @id;

-- name: QuestionInsert :exec
-- At the end of its quiz.
-- Exempt: an insert; its account_id is a column of the row.
-- @sqlc-vet-disable
INSERT INTO quiz_question (account_id, id, lesson_id, position, kind, text, options, answers, explanation)
VALUES (@account_id, @id, @lesson_id, (SELECT coalesce(max(q.position), 0) + 1 FROM quiz_question q WHERE q.account_id = @account_id AND q.lesson_id = @lesson_id),
    @kind, @text, @options, @answers, @explanation);

-- name: QuestionUpdate :execrows
UPDATE quiz_question SET kind = @kind, text = @text, options = @options, answers = @answers, explanation = @explanation
WHERE account_id = @account_id AND lesson_id = @lesson_id AND id = @id;

-- name: QuestionDelete :one
DELETE FROM quiz_question WHERE account_id = @account_id AND lesson_id = @lesson_id AND id = @id RETURNING text;

-- name: QuestionPlace :exec
UPDATE quiz_question SET position = array_position(@ids::uuid[], id)
WHERE account_id = @account_id AND lesson_id = @lesson_id AND id = ANY(@ids::uuid[]);
