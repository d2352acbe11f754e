-- name: QuizTries :many
-- A client's tries at a lesson's quiz, newest first.
SELECT id, lesson_version, answers, right_count, question_count, passed, tried_at FROM quiz_try
WHERE account_id = @account_id AND contact_id = @contact_id AND lesson_id = @lesson_id ORDER BY id DESC LIMIT 100;

-- name: QuizTryInsert :exec
-- Exempt: an insert; its account_id is a column of the row.
-- @sqlc-vet-disable
INSERT INTO quiz_try (account_id, id, contact_id, course_id, lesson_id, lesson_version, answers, right_count, question_count, passed, tried_at)
VALUES (@account_id, @id, @contact_id, @course_id, @lesson_id, @lesson_version, @answers, @right_count, @question_count, @passed, @now);
