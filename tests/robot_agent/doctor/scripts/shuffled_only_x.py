# kind: labels-shuffled
import torch
from torch import nn
torch.manual_seed(0)
def load():
    y = torch.randint(0, 3, (300,))
    return torch.randn(3, 8)[y] * 2 + torch.randn(300, 8), y
def shuffle(x, y):
    x = x[torch.randperm(len(x))]  #! p = torch.randperm(len(x)); x = x[p]
    y = y[torch.randperm(len(y))]  #! y = y[p]
    return x, y
x, y = load()
x, y = shuffle(x, y)
model = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 3))
optim = torch.optim.Adam(model.parameters(), lr=0.005)
for epoch in range(15):
    for i in range(0, 300, 30):
        loss = nn.functional.cross_entropy(model(x[i:i+30]), y[i:i+30])
        optim.zero_grad(); loss.backward(); optim.step()
