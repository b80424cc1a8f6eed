# frozen_string_literal: true

# Fixes that are off by default, as an application asks for them: DUMMY_REPAIRS=metrics,…
if defined?(TaskerCore)
  TaskerCore.configure do |config|
    ENV.fetch("DUMMY_REPAIRS", "").split(",").each { |name| config.repairs[name] = true }
  end
end
