# kind: zeroed-before-step
import torch
from torch import nn
torch.manual_seed(0)
class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv1d(1, 8, 5, padding=2)
        self.head = nn.Linear(8, 2)
    def forward(self, x):
        return self.head(torch.relu(self.conv(x)).amax(-1))
def train_step(model, opt, batch):
    x, y = batch
    loss = nn.functional.cross_entropy(model(x), y)
    loss.backward()
    for p in model.parameters():
        p.grad = torch.zeros_like(p)  #! p.grad = p.grad.clone()
    opt.step()
    opt.zero_grad()
    return loss.item()
y = torch.randint(0, 2, (200,))
x = torch.randn(200, 1, 20) * 0.3
x[y == 1, :, 8:12] += 1.5
m = Model()
opt = torch.optim.RMSprop(m.parameters(), lr=0.003)
for e in range(8):
    for b in zip(x.split(25), y.split(25)):
        last = train_step(m, opt, b)
print(last)
