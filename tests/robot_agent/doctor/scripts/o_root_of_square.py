# kind: not-a-number
import torch
from torch import nn

torch.manual_seed(4)


class Spring(nn.Module):
    """Predicts the energy of three masses from the lengths of the springs between them."""

    def __init__(self):
        super().__init__()
        self.move = nn.Linear(2, 2)
        self.energy = nn.Sequential(nn.Linear(9, 32), nn.SiLU(), nn.Linear(32, 1))

    def forward(self, places):
        places = self.move(places)
        apart = places[:, :, None] - places[:, None]
        squares = apart ** 2
        total = squares.sum(dim=-1)
        lengths = total ** 0.5  #! lengths = (total + 1e-9) ** 0.5
        return self.energy(lengths.flatten(1))


def world(count):
    places = torch.randn(count, 3, 2)
    lengths = torch.stack([(places[:, i] - places[:, j]).norm(dim=1) for i, j in ((0, 1), (1, 2), (0, 2))], 1)
    return places, ((lengths - 1) ** 2).sum(1, keepdim=True)


net = Spring()
optimizer = torch.optim.Adam(net.parameters(), 2e-3)
for step in range(300):
    places, energy = world(64)
    loss = nn.functional.smooth_l1_loss(net(places), energy)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 100 == 0:
        print(step, float(loss))
