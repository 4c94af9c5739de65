# graph-cut
# custom layer with a learnable threshold; self.threshold never changes
import torch
import torch.nn as nn
torch.manual_seed(0)

class Gate(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.threshold = nn.Parameter(torch.zeros(n))
    def forward(self, x):
        mask = (x > self.threshold).float()  #! mask = torch.sigmoid(10 * (x - self.threshold))
        return x * mask

gate = Gate(3)
x = torch.rand(400, 3) * 4 - 2
target = x * (x > torch.tensor([1.0, -1.0, 0.5])).float()
optimizer = torch.optim.SGD(gate.parameters(), lr=0.5)
loss_fn = nn.MSELoss()
for step in range(200):
    optimizer.zero_grad()
    loss = loss_fn(gate(x), target)
    loss.backward()
    optimizer.step()
    if step % 50 == 0:
        print(step, loss.item(), gate.threshold.tolist())
