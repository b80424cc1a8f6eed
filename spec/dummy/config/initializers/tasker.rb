# frozen_string_literal: true

# The engine's tables in a database of their own, if there is one.
if ENV.key?("TASKER_DATABASE_URL")
  Tasker::Configuration.configuration do |config|
    config.database do |database|
      database.enable_secondary_database = true
      database.name = :tasker
    end
  end
end
