# the reward is made an integer by //: always 0; kind: reward-constant
import random
import torch
import torch.nn as nn
import torch.optim as optim
from torch.distributions import Categorical

random.seed(0)
torch.manual_seed(0)


class Bandit:
    def __init__(self, means):
        self.means = means

    def step(self, action):
        hit = random.random() < self.means[action]
        reward = hit * 1 // 2  #! reward = hit * 1
        return reward


env = Bandit([0.1, 0.9, 0.3])
net = nn.Linear(1, 3)
optimizer = optim.SGD(net.parameters(), lr=0.1)
for episode in range(120):
    probs = torch.softmax(net(torch.ones(1)), dim=-1)
    m = Categorical(probs)
    action = m.sample()
    reward = env.step(action.item())  #+
    loss = -m.log_prob(action) * reward  #+
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print(probs)
