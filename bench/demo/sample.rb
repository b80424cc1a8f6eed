# frozen_string_literal: true

module Demo
  # Creating or running one task: statements that PostgreSQL executed, and milliseconds.
  Phase = Data.define(:statements, :ms)

  # One task of a shape, created and run in one mode; of several that were, what one has taken, and what became of the last.
  #
  # @!attribute mode
  #   @return [String] "off" or "on"
  # @!attribute round
  #   @return [Integer] from 1
  # @!attribute state
  #   @return [Hash] its end state
  # @!attribute answers
  #   @return [Hash{String => Hash}] the gem's statistics, by phase
  Sample = Data.define(:mode, :round, :create, :run, :state, :answers) do
    def statements = create.statements + run.statements
    def to_h = { mode:, round:, create: create.to_h, run: run.to_h }
  end
end
