# kind: index-for-value
import copy
import random

import torch
from torch import nn

random.seed(1)
torch.manual_seed(1)


def walk(place, action):
    place = min(max(place + (1 if action else -1), 0), 8)
    return place, 1.0 if place == 8 else -0.02, place in (0, 8)


def one_hot(places):
    return torch.eye(9)[torch.tensor(places)]


online = nn.Sequential(nn.Linear(9, 32), nn.Tanh(), nn.Linear(32, 2))
frozen = copy.deepcopy(online)
opt = torch.optim.RMSprop(online.parameters(), lr=2e-3)
replay, place = [], 4
for step in range(900):
    if random.random() < 0.3:
        action = random.randrange(2)
    else:
        action = int(online(one_hot([place]))[0].argmax())
    following, reward, over = walk(place, action)
    replay.append((place, action, reward, following, over))
    place = 4 if over else following
    if len(replay) < 64:
        continue
    s, a, r, n, d = map(list, zip(*random.sample(replay, 24)))
    rewards, alive = torch.tensor(r).unsqueeze(1), 1 - torch.tensor(d).float().unsqueeze(1)
    best = frozen(one_hot(n)).detach().argmax(dim=1, keepdim=True)  #! best = frozen(one_hot(n)).detach().amax(dim=1, keepdim=True)
    goal = rewards + alive * 0.97 * best  #+
    error = goal - online(one_hot(s)).gather(1, torch.tensor(a).unsqueeze(1))
    loss = error.pow(2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 60 == 0:
        frozen.load_state_dict(online.state_dict())
        print(step, loss.item(), goal.mean().item())
