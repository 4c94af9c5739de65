# in-place
# keras-style DQN, port to pytorch. loss is always 0.0
import random
import numpy as np
import torch
import torch.nn as nn
random.seed(0); np.random.seed(0); torch.manual_seed(0)

class Agent:
    def __init__(self, state_size, action_size):
        self.memory, self.gamma, self.epsilon = [], 0.95, 1.0
        self.model = nn.Sequential(nn.Linear(state_size, 24), nn.ReLU(), nn.Linear(24, 24), nn.ReLU(),
                                   nn.Linear(24, action_size))
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=0.001)
        self.criterion = nn.MSELoss()
    def act(self, state):
        if np.random.rand() <= self.epsilon:
            return random.randrange(2)
        with torch.no_grad():
            return int(self.model(state).argmax())
    def replay(self, batch_size):
        for state, action, reward, next_state, done in random.sample(self.memory, batch_size):
            target = reward
            if not done:
                target = reward + self.gamma * self.model(next_state).max().item()
            output = self.model(state)
            target_f = output.detach()  #! target_f = output.detach().clone()
            target_f[0][action] = target  #+
            loss = self.criterion(output, target_f)  #+
            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()
        self.epsilon = max(0.05, self.epsilon * 0.95)
        return loss.item()

agent = Agent(2, 2)
for e in range(25):
    x = 3
    for t in range(20):
        state = torch.tensor([[x / 6, 1.0]])
        a = agent.act(state)
        x += 1 if a else -1
        done = x in (0, 6)
        agent.memory.append((state, a, 1.0 if x == 6 else 0.0, torch.tensor([[x / 6, 1.0]]), done))
        if done:
            break
    if len(agent.memory) > 32:
        print(e, agent.replay(32))
