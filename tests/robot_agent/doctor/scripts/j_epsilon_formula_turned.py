# the chance is drawn first, epsilon falls by a formula, the test is turned round; kind: exploration-wrong
import math
import random
import torch
from torch import nn
torch.manual_seed(0); random.seed(0)
GAMMA, EPS_START, EPS_END, EPS_DECAY = 0.9, 0.9, 0.05, 150
net = nn.Sequential(nn.Linear(6, 24), nn.ReLU(), nn.Linear(24, 2)); opt = torch.optim.Adam(net.parameters(), lr=0.01)
places, steps, memory = torch.eye(6), 0, []
def act(state):
    global steps
    drawn = random.random()
    eps = EPS_END + (EPS_START - EPS_END) * math.exp(-1. * steps / EPS_DECAY)
    steps += 1
    if drawn < eps:  #! if drawn > eps:
        with torch.no_grad():
            return net(places[state]).argmax().item()
    return random.randrange(2)
for episode in range(60):
    at = 2
    for t in range(12):
        action = act(at); new = max(0, at - 1) if action == 0 else min(5, at + 1)
        done = new == 5
        memory.append((at, action, float(done), new, done)); at = new
        if len(memory) >= 32:
            s, a, r, s2, d = zip(*random.sample(memory, 32))
            with torch.no_grad():
                goal = torch.tensor(r) + GAMMA * net(places[list(s2)]).max(1).values * (1 - torch.tensor(d).float())
            q = net(places[list(s)]).gather(1, torch.tensor(a)[:, None])[:, 0]
            loss = nn.functional.smooth_l1_loss(q, goal)
            opt.zero_grad(); loss.backward(); opt.step()
        if done:
            break
print(len(memory))
