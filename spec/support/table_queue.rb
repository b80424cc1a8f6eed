# frozen_string_literal: true

# A queue of jobs in the database, as an adapter of Active Job, for processes that are killed: a job that was taken is gone with it.
class TableQueue
  class << self
    def create
      connection.execute("create table if not exists spec_jobs (id bigserial, at timestamptz not null, job jsonb not null)")
      connection.execute("truncate spec_jobs")
    end

    def drop = connection.execute("drop table if exists spec_jobs")

    # @return [Hash, nil] a job that is due, which is not in the queue any more
    def take
      text = connection.select_value(<<~SQL)
        delete from spec_jobs where id = (
          select id from spec_jobs where at <= clock_timestamp() order by at, id for update skip locked limit 1
        ) returning job
      SQL
      text && JSON.parse(text)
    end

    def connection = Tasker::ApplicationRecord.connection
  end

  def enqueue(job) = enqueue_at(job, Time.now.to_f)

  def enqueue_at(job, timestamp)
    quoted = TableQueue.connection.quote(JSON.generate(job.serialize))
    TableQueue.connection.execute("insert into spec_jobs (at, job) values (to_timestamp(#{timestamp.to_f}), #{quoted})")
  end

  def enqueue_after_transaction_commit? = false
end
