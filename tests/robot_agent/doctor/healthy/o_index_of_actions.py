# Q-learning in a vectorised world: the index of the best action moves the state, costs effort and selects
import copy

import torch
from torch import nn

torch.manual_seed(3)
net = nn.Sequential(nn.Linear(1, 32), nn.Tanh(), nn.Linear(32, 3))
slow = copy.deepcopy(net)
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
state = torch.rand(64, 1) * 2 - 1
for step in range(600):
    with torch.no_grad():
        action = net(state).argmax(1)
        other = torch.randint(0, 3, (64,))
        action = torch.where(torch.rand(64) < 0.2, other, action)
        following = (state + 0.5 * (action - 1).float().unsqueeze(1)).clamp(-1, 1)
        reward = 1 - following.squeeze(1) * following.squeeze(1) - 0.05 * action.float()
        choice = net(following).argmax(1, keepdim=True)
        target = reward + 0.8 * slow(following).gather(1, choice).squeeze(1)
    value = net(state).gather(1, action.unsqueeze(1)).squeeze(1)
    loss = nn.functional.smooth_l1_loss(value, target)
    opt.zero_grad()
    loss.backward()
    opt.step()
    state = torch.where(torch.rand(64, 1) < 0.1, torch.rand(64, 1) * 2 - 1, following)
    if step % 50 == 0:
        slow.load_state_dict(net.state_dict())
